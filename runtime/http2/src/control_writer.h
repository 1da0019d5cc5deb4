#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/http2/error_code.h"
#include "seabag/http2/frame.h"

namespace seabag::http2 {

/// Frames that the engine itself has to say, until they are sent. One thread at a time.
class ControlWriter {
 public:
  void settings(std::string_view payload);
  void settings_ack();
  void ping(std::string_view payload, std::uint8_t flags);
  void window_update(std::uint32_t stream, std::uint32_t increment);
  void rst_stream(std::uint32_t stream, ErrorCode code);
  void goaway(std::uint32_t last_stream, ErrorCode code);

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  void clear();

 private:
  void add(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);

  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace seabag::http2
