#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/http2/error_code.h"
#include "seabag/http2/frame.h"
#include "seabag/http2/response_encoder.h"

namespace seabag::test {

/// One frame as it is on the wire.
struct Frame {
  http2::FrameHeader header;
  std::string payload;

  [[nodiscard]] bool is(http2::FrameType type) const {
    return header.type == static_cast<std::uint8_t>(type);
  }
  [[nodiscard]] bool ends_stream() const { return (header.flags & http2::kEndStream) != 0; }
  /// Of RST_STREAM and GOAWAY.
  [[nodiscard]] http2::ErrorCode error() const {
    const std::size_t at = is(http2::FrameType::goaway) ? 4 : 0;
    return static_cast<http2::ErrorCode>(http2::read_u32(payload.data() + at));
  }
};

inline std::string make_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                              std::string_view payload) {
  std::string frame(http2::kFrameHeaderSize, '\0');
  http2::write_frame_header(frame.data(), {.length = static_cast<std::uint32_t>(payload.size()),
                                           .type = type,
                                           .flags = flags,
                                           .stream = stream});
  return frame.append(payload);
}

inline std::string make_frame(http2::FrameType type, std::uint8_t flags, std::uint32_t stream,
                              std::string_view payload) {
  return make_frame(static_cast<std::uint8_t>(type), flags, stream, payload);
}

inline std::string number(std::uint32_t value) {
  std::string bytes(4, '\0');
  http2::write_u32(bytes.data(), value);
  return bytes;
}

inline std::string setting(http2::Setting id, std::uint32_t value) {
  return std::string{'\0', static_cast<char>(id)} + number(value);
}

/// What every client says first.
inline std::string hello(std::string_view settings = {}) {
  return std::string(http2::kPreface) + make_frame(http2::FrameType::settings, 0, 0, settings);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string block_of(const Fields& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    http2::append_field(block, name, value);
  }
  return block;
}

inline Fields get_fields(const std::string& path, const Fields& more = {}) {
  Fields fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", path}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

/// A request without content.
inline std::string get_frame(std::uint32_t stream, const std::string& path = "/",
                             const Fields& more = {}) {
  return make_frame(http2::FrameType::headers, http2::kEndStream | http2::kEndHeaders, stream,
                    block_of(get_fields(path, more)));
}

/// The head of a request whose content follows.
inline std::string post_frame(std::uint32_t stream, const std::string& path = "/",
                              const Fields& more = {}) {
  Fields fields = get_fields(path, more);
  fields[0].second = "POST";
  return make_frame(http2::FrameType::headers, http2::kEndHeaders, stream, block_of(fields));
}

inline std::string data_frame(std::uint32_t stream, std::string_view content,
                              std::uint8_t flags = 0) {
  return make_frame(http2::FrameType::data, flags, stream, content);
}

/// Takes the whole frames off the start of `bytes`.
inline std::vector<Frame> take_frames(std::string& bytes) {
  std::vector<Frame> frames;
  std::size_t at = 0;
  while (bytes.size() - at >= http2::kFrameHeaderSize) {
    const http2::FrameHeader header = http2::read_frame_header(bytes.data() + at);
    const std::size_t size = http2::kFrameHeaderSize + header.length;
    if (bytes.size() - at < size) {
      break;
    }
    frames.push_back({header, bytes.substr(at + http2::kFrameHeaderSize, header.length)});
    at += size;
  }
  bytes.erase(0, at);
  return frames;
}

}  // namespace seabag::test
