#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seabag::server {

/// Which other sites may read the answers of this one in a browser (CORS, the Fetch standard).
struct CorsRule {
  /// Absolute paths; each stands for itself and everything below it.
  std::vector<std::string> paths = {"/"};
  /// Exact origins (`https://app.example`), or `*` alone for every site.
  std::vector<std::string> origins = {};
  /// What a preflight allows.
  std::vector<std::string> methods = {"GET", "HEAD"};
  /// Request fields that a preflight allows, or `*` alone.
  std::vector<std::string> headers = {};
  /// Response fields that scripts may read.
  std::vector<std::string> expose = {};
  /// Cookies and logins may be sent. Not together with `*`.
  bool credentials = false;
  /// How long a preflight is remembered, in seconds.
  std::uint32_t max_age = 600;
};

/// What is wrong with a rule; empty when nothing is.
[[nodiscard]] std::string fault_of(const CorsRule& rule);

}  // namespace seabag::server
