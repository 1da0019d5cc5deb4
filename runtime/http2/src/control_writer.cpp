#include "control_writer.h"

#include <array>

namespace seabag::http2 {
namespace {

/// More than this is given back when it has been sent.
constexpr std::size_t kKept = 256;

struct Number {
  explicit Number(std::uint32_t number) { write_u32(bytes.data(), number); }
  [[nodiscard]] std::string_view text() const { return {bytes.data(), bytes.size()}; }
  std::array<char, 4> bytes{};
};

}  // namespace

void ControlWriter::add(FrameType type, std::uint8_t flags, std::uint32_t stream,
                        std::string_view payload) {
  std::array<char, kFrameHeaderSize> header;
  write_frame_header(header.data(), {.length = static_cast<std::uint32_t>(payload.size()),
                                     .type = static_cast<std::uint8_t>(type),
                                     .flags = flags,
                                     .stream = stream});
  bytes_.append(header.data(), header.size()).append(payload);
  ++count_;
}

void ControlWriter::settings(std::string_view payload) { add(FrameType::settings, 0, 0, payload); }

void ControlWriter::settings_ack() { add(FrameType::settings, kAck, 0, {}); }

void ControlWriter::ping(std::string_view payload, std::uint8_t flags) {
  add(FrameType::ping, flags, 0, payload);
}

void ControlWriter::window_update(std::uint32_t stream, std::uint32_t increment) {
  add(FrameType::window_update, 0, stream, Number(increment).text());
}

void ControlWriter::rst_stream(std::uint32_t stream, ErrorCode code) {
  add(FrameType::rst_stream, 0, stream, Number(static_cast<std::uint32_t>(code)).text());
}

void ControlWriter::goaway(std::uint32_t last_stream, ErrorCode code) {
  std::array<char, 8> payload;
  write_u32(write_u32(payload.data(), last_stream), static_cast<std::uint32_t>(code));
  add(FrameType::goaway, 0, 0, {payload.data(), payload.size()});
}

void ControlWriter::clear() {
  bytes_.clear();
  count_ = 0;
  if (bytes_.capacity() > kKept) {
    bytes_ = {};
  }
}

}  // namespace seabag::http2
