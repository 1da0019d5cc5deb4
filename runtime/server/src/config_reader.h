// How the settings file is read: each key with what it accepts, faults with their places.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/net/timer_wheel.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

inline constexpr std::int64_t kMaxSeconds = 24 * 60 * 60;

/// Whole numbers that a key accepts.
struct Range {
  std::int64_t first;
  std::int64_t last;
};

/// Reads one file; the first fault ends it. Every getter leaves its target alone when the key is
/// absent.
class ConfigReader {
 public:
  explicit ConfigReader(std::string_view file) : file_(file) {}

  /// The table at `key`, or null.
  [[nodiscard]] Result<const toml::table*> table(const toml::table& parent, const char* key) const;
  /// Those of `[[site.KEY]]`.
  [[nodiscard]] Result<std::vector<const toml::table*>> tables(const toml::table& site,
                                                               const char* key) const;

  /// Refuses keys that nobody reads: a misspelt one must not be without effect.
  [[nodiscard]] Result<void> only(const toml::table& table, const std::string& name,
                                  const std::vector<std::string>& known) const;

  template <typename Number>
  [[nodiscard]] Result<void> number(const toml::table& table, const char* key, Range range,
                                    Number& target) const {
    const std::optional<std::int64_t> value = SEABAG_TRY(whole_number(table, key, range));
    target = value ? static_cast<Number>(*value) : target;
    return {};
  }
  [[nodiscard]] Result<void> seconds(const toml::table& table, const char* key,
                                     net::Milliseconds& target) const;
  /// As `seconds`, but 0 is allowed too.
  [[nodiscard]] Result<void> seconds_or_none(const toml::table& table, const char* key,
                                             net::Milliseconds& target) const;
  [[nodiscard]] Result<void> boolean(const toml::table& table, const char* key, bool& target) const;
  [[nodiscard]] Result<void> text(const toml::table& table, const char* key,
                                  std::string& target) const;

  /// A string, or an array of strings, with where each of them is.
  using Texts = std::vector<std::pair<std::string, const toml::node*>>;
  [[nodiscard]] Result<Texts> texts(const toml::table& table, const char* key) const;
  /// The same where nobody asks for the places.
  [[nodiscard]] Result<void> texts(const toml::table& table, const char* key,
                                   std::vector<std::string>& target) const;

  [[nodiscard]] Error fault(const toml::node& node, std::string detail) const;
  [[nodiscard]] Error fault_at(const toml::source_region& region, std::string detail) const;

 private:
  [[nodiscard]] Result<std::optional<std::int64_t>> whole_number(const toml::table& table,
                                                                 const char* key,
                                                                 Range range) const;
  [[nodiscard]] Result<std::string> text_of(const toml::node& node, const char* key) const;

  std::string file_;
};

}  // namespace seabag::server
