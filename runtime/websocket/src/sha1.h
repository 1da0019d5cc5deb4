#pragma once

#include <array>
#include <string_view>

namespace seabag::websocket {

/// SHA-1 (RFC 3174), which the handshake wants and which is fit for nothing else any more.
[[nodiscard]] std::array<unsigned char, 20> sha1(std::string_view text);

}  // namespace seabag::websocket
