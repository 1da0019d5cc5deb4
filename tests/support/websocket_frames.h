#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/websocket/frame.h"

namespace seabag::test {

/// What a client writes into a header.
struct ClientFrame {
  unsigned opcode = 1;
  unsigned reserved = 0;  ///< RSV1 is 4
  bool is_final = true;
  std::optional<std::uint64_t> length = {};  ///< other than the payload's
};

/// A frame with a mask.
inline std::string client_frame(const ClientFrame& frame, std::string_view payload) {
  const std::uint64_t length = frame.length.value_or(payload.size());
  std::string bytes{
      static_cast<char>((frame.is_final ? 0x80U : 0U) | frame.reserved << 4U | frame.opcode)};
  const unsigned more = length <= 125 ? 0 : length <= 0xffff ? 2 : 8;
  bytes += static_cast<char>(0x80U | (more == 0 ? length : more == 2 ? 126 : 127));
  for (unsigned i = more; i > 0; --i) {
    bytes += static_cast<char>(length >> (8 * (i - 1)));
  }
  const websocket::MaskingKey key = {'\x37', '\xfa', '\x21', '\x3d'};
  bytes.append(key.data(), key.size());
  const std::size_t start = bytes.size();
  bytes += payload;
  websocket::copy_masked(payload, key, 0, bytes.data() + start);
  return bytes;
}

inline std::string client_frame(websocket::Opcode opcode, std::string_view payload) {
  return client_frame({.opcode = static_cast<unsigned>(opcode)}, payload);
}

/// A Close with a code.
inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
  const std::string number{static_cast<char>(code >> 8U), static_cast<char>(code)};
  return client_frame(websocket::Opcode::close, number + std::string(reason));
}

/// What a server says.
struct ServerFrame {
  websocket::Opcode opcode = websocket::Opcode::text;
  bool is_deflated = false;
  std::string payload = {};

  /// Of a Close; 0 when it has none.
  [[nodiscard]] unsigned code() const {
    return payload.size() < 2 ? 0
                              : static_cast<unsigned char>(payload[0]) * 256U +
                                    static_cast<unsigned char>(payload[1]);
  }
};

/// Size of the header at the start of `bytes`, which has its first two; a server's has no mask.
inline std::size_t server_header_size(std::string_view bytes) {
  const auto length = static_cast<unsigned char>(bytes[1]);
  return length < 126 ? 2 : length == 126 ? 4 : 10;
}

inline std::uint64_t server_length(std::string_view header) {
  std::uint64_t length = 0;
  for (std::size_t i = header.size() == 2 ? 1 : 2; i < header.size(); ++i) {
    length = length << 8U | static_cast<unsigned char>(header[i]);
  }
  return length;
}

/// Takes one whole frame off the start of `bytes`.
inline std::optional<ServerFrame> take_server_frame(std::string& bytes) {
  if (bytes.size() < 2 || bytes.size() < server_header_size(bytes)) {
    return std::nullopt;
  }
  const std::string header = bytes.substr(0, server_header_size(bytes));
  const auto length = static_cast<std::size_t>(server_length(header));
  if (bytes.size() - header.size() < length) {
    return std::nullopt;
  }
  const auto first = static_cast<unsigned char>(header[0]);
  ServerFrame frame{.opcode = static_cast<websocket::Opcode>(first & 0x0fU),
                    .is_deflated = (first & 0x40U) != 0,
                    .payload = bytes.substr(header.size(), length)};
  bytes.erase(0, header.size() + length);
  return frame;
}

}  // namespace seabag::test
