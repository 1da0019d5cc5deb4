#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace seabag::websocket {

/// RFC 6455 §5.2. All others are reserved.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

enum class MessageKind : std::uint8_t { text = 0x1, binary = 0x2 };

/// Why a connection ends (RFC 6455 §7.4.1); an app may use 3000 to 4999 as well.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  ///< never sent: the other side named no code
  abnormal = 1006,   ///< never sent: the connection was lost
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

/// Whether a Close frame may carry it: 1000 to 1003, 1007 to 1014 and 3000 to 4999.
[[nodiscard]] constexpr bool may_be_sent(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
         (number >= 3000 && number <= 4999);
}

/// Most bytes of the payload of Close, Ping and Pong.
inline constexpr std::size_t kLongestControl = 125;
/// Most bytes of the reason of a Close.
inline constexpr std::size_t kLongestReason = kLongestControl - 2;
/// Most bytes of a header, with its masking key.
inline constexpr std::size_t kLongestHeader = 14;

/// Whether a payload is a piece of a compressed message (RSV1, RFC 7692 §6).
enum class Coding : std::uint8_t { plain, deflated };

/// The header of a frame that a server sends: whole and without a mask.
struct OutgoingHeader {
  std::array<char, kLongestHeader> bytes{};
  std::uint8_t size = 0;

  OutgoingHeader(Opcode opcode, Coding coding, std::uint64_t length);
  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
};

using MaskingKey = std::array<char, 4>;

/// Copies `bytes` to `out`, which has as much room and may be the same place, and takes the mask
/// off or puts it on. `phase` is the number of bytes of the payload before these.
void copy_masked(std::string_view bytes, const MaskingKey& key, std::uint64_t phase, char* out);

}  // namespace seabag::websocket
