#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seabag::server {

/// Whether a decoded path is `scope` itself or below it; `/` is above everything.
[[nodiscard]] inline bool is_within(std::string_view path, std::string_view scope) {
  if (scope.ends_with('/')) {
    scope.remove_suffix(1);
  }
  return path.starts_with(scope) && (path.size() == scope.size() || path[scope.size()] == '/');
}

[[nodiscard]] inline bool is_within(std::string_view path, const std::vector<std::string>& scopes) {
  for (const std::string& scope : scopes) {
    if (is_within(path, scope)) {
      return true;
    }
  }
  return false;
}

}  // namespace seabag::server
