#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace seabag::tls {

/// Which certificate answers for which host. Pure; safe for concurrent use once filled.
class HostNames {
 public:
  /// `name` in lower case, perhaps with `*.` in front for exactly one label. Whoever comes first
  /// keeps a name.
  void add(const std::string& name, std::size_t certificate) { names_.emplace(name, certificate); }

  /// For the name that a client asks for, in any case and perhaps with a dot at its end: an exact
  /// match, otherwise a wildcard (RFC 6125 §6.4.3).
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

 private:
  std::map<std::string, std::size_t, std::less<>> names_;
};

}  // namespace seabag::tls
