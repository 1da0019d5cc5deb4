#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::top {

/// Whom to ask.
struct Target {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string host;  ///< for the Host field
};

/// Reads what `--admin` was given or has printed: `http://HOST:PORT`, `HOST:PORT` with an address,
/// `unix:PATH`. A host name may wait for a name server. Errors: EINVAL with the cause, and those of
/// looking a name up.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

/// Asks for `/status.json` and gives the text. Waits at most five seconds for each step. Errors:
/// those of connect(2) and recv(2), ETIMEDOUT; EPROTO for an answer that is none of an admin
/// listener.
[[nodiscard]] Result<std::string> fetch_status(const Target& target);

}  // namespace seabag::top
