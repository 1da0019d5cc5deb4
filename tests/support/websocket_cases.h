#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/websocket_frames.h"

namespace seabag::test {

/// One line of tests/data/websocket/cases.txt, which tells how it is written: what a client sends
/// to a server that sends messages back, and what it hears.
struct WebSocketCase {
  std::string bytes;
  std::vector<std::string> answers;  ///< as `described` writes them
  std::string what;
  bool is_deflated = false;  ///< permessage-deflate is agreed on
  bool ends = false;         ///< by what the case says
};

[[nodiscard]] std::vector<WebSocketCase> websocket_cases(const std::string& path);

/// Such as `text:hello`, `pong:` or `close:1000`; `text` of the frame's payload is given by the
/// caller, because that may have been compressed.
[[nodiscard]] std::string described(const ServerFrame& frame, std::string_view text);

}  // namespace seabag::test
