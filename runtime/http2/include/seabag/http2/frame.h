#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seabag::http2 {

/// What a client sends first (RFC 9113 §3.4).
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// RFC 9113 §6, RFC 9218 §7.1. Others are ignored.
enum class FrameType : std::uint8_t {
  data = 0x0,
  headers = 0x1,
  priority = 0x2,
  rst_stream = 0x3,
  settings = 0x4,
  push_promise = 0x5,
  ping = 0x6,
  goaway = 0x7,
  window_update = 0x8,
  continuation = 0x9,
  priority_update = 0x10,
};

inline constexpr std::uint8_t kEndStream = 0x1;
inline constexpr std::uint8_t kAck = 0x1;
inline constexpr std::uint8_t kEndHeaders = 0x4;
inline constexpr std::uint8_t kPadded = 0x8;
inline constexpr std::uint8_t kPriority = 0x20;

/// RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1.
enum class Setting : std::uint16_t {
  header_table_size = 0x1,
  enable_push = 0x2,
  max_concurrent_streams = 0x3,
  initial_window_size = 0x4,
  max_frame_size = 0x5,
  max_header_list_size = 0x6,
  enable_connect_protocol = 0x8,
  no_rfc7540_priorities = 0x9,
};

inline constexpr std::size_t kFrameHeaderSize = 9;
/// The smallest limit of a frame's payload, and the only one that Seabag offers and uses.
inline constexpr std::uint32_t kFrameSize = 16'384;
inline constexpr std::uint32_t kLargestFrameSize = (std::uint32_t{1} << 24) - 1;
inline constexpr std::uint32_t kLargestWindow = (std::uint32_t{1} << 31) - 1;
inline constexpr std::uint32_t kDefaultWindow = 65'535;
inline constexpr std::uint32_t kStreamMask = kLargestWindow;

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t type = 0;  ///< a FrameType, or anything else
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;  ///< without the reserved bit
};

/// Big-endian numbers at `bytes`, which has as many.
[[nodiscard]] inline std::uint32_t read_u32(const char* bytes) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(bytes[i])};
  };
  return byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
}
[[nodiscard]] inline std::uint16_t read_u16(const char* bytes) {
  const auto high = static_cast<unsigned char>(bytes[0]);
  const auto low = static_cast<unsigned char>(bytes[1]);
  return static_cast<std::uint16_t>(high << 8U | low);
}
inline char* write_u32(char* out, std::uint32_t number) {
  *out++ = static_cast<char>(number >> 24U);
  *out++ = static_cast<char>(number >> 16U);
  *out++ = static_cast<char>(number >> 8U);
  *out++ = static_cast<char>(number);
  return out;
}

/// Reads the kFrameHeaderSize bytes at `bytes`.
[[nodiscard]] inline FrameHeader read_frame_header(const char* bytes) {
  return {.length = read_u32(bytes) >> 8U,
          .type = static_cast<std::uint8_t>(bytes[3]),
          .flags = static_cast<std::uint8_t>(bytes[4]),
          .stream = read_u32(bytes + 5) & kStreamMask};
}

/// Writes kFrameHeaderSize bytes and returns their end.
inline char* write_frame_header(char* out, const FrameHeader& header) {
  out = write_u32(out, header.length << 8U | header.type);
  *out++ = static_cast<char>(header.flags);
  return write_u32(out, header.stream);
}

}  // namespace seabag::http2
