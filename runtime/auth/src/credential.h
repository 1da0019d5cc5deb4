#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seabag::auth {

/// What a client says who it is.
struct Credential {
  std::string name;
  std::string password;
};

/// Reads `Basic BASE64` (RFC 7617); nothing for anything else. The text may be anything but
/// controls.
[[nodiscard]] std::optional<Credential> read_basic(std::string_view authorization);

}  // namespace seabag::auth
