#pragma once

#include <map>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::auth {

/// Users with the hashes of their passwords, as in a file that htpasswd(1) makes: `NAME:HASH` on a
/// line, `#` starts a comment. Hashes are those of crypt(5) that are not weak: yescrypt (`$y$`),
/// SHA-512 (`$6$`), SHA-256 (`$5$`), bcrypt (`$2b$`, `$2y$`) and scrypt (`$7$`).
/// Immutable; safe for concurrent use.
class Passwords {
 public:
  /// Errors: EINVAL with `file`:line as its path for a line without a name or a hash, a name that
  /// repeats, and a hash that is unknown or weak, with the remedy.
  [[nodiscard]] static Result<Passwords> parse(std::string_view text, std::string_view file);

  [[nodiscard]] bool is_empty() const { return users_.empty(); }

  /// Whether `password` is the user's. Takes as long for a user who does not exist. A password with
  /// a NUL byte or of more than 511 bytes is nobody's. May take half a second.
  [[nodiscard]] bool verify(std::string_view name, const std::string& password) const;

 private:
  std::map<std::string, std::string, std::less<>> users_;
};

}  // namespace seabag::auth
