#pragma once

#include <string>
#include <vector>

namespace seabag::server {

/// A part of the site that is for users with a password (Basic authentication, RFC 7617).
struct AuthRule {
  /// Absolute paths. Each stands for itself, everything below it, and its name with any extension:
  /// `/admin` covers `/admin.html` too, which a clean URL serves at `/admin`.
  std::vector<std::string> paths = {"/"};
  /// What browsers show.
  std::string realm = "Restricted";
  /// `NAME:HASH` lines, as auth::Passwords reads them.
  std::string users = {};
  /// A file with more of them; whoever starts the server reads it into `users`.
  std::string file = {};
  /// Passwords may cross the network in clear text.
  bool allow_plain = false;
};

/// What is wrong with a rule, apart from its users; empty when nothing is. `index` is the name of
/// index files.
[[nodiscard]] std::string fault_of(const AuthRule& rule, const std::string& index);

}  // namespace seabag::server
