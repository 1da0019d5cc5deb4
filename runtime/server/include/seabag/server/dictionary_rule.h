#pragma once

#include <string>
#include <vector>

namespace seabag::server {

/// Files whose older versions serve clients as dictionaries (RFC 9842).
struct DictionaryRule {
  /// Paths of the files, with `*` for any bytes: `/app/*.js`. Clients offer the version that they
  /// have when they ask for another path that it matches.
  std::string match;
  /// Older versions, as paths inside the site; a name that starts with a dot is not served itself.
  std::vector<std::string> files = {};
};

/// What is wrong with a rule; empty when nothing is.
[[nodiscard]] std::string fault_of(const DictionaryRule& rule);

}  // namespace seabag::server
