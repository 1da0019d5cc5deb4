#pragma once

#include <cstddef>
#include <cstdint>

#include "seabag/http/request_head.h"

namespace seabag::http2 {

/// A moment of a monotonic clock or a duration.
using Milliseconds = std::uint64_t;

/// Whether `:protocol` is accepted (RFC 8441).
enum class ExtendedConnect : std::uint8_t { refused, accepted };

/// How much a client may ask for before it is told off. A flood ends the connection with
/// ENHANCE_YOUR_CALM.
struct Limits {
  /// Streams at the same time; more are refused.
  std::uint32_t streams = 128;
  /// Bytes of content that a client may send ahead, to one stream and in all.
  std::uint32_t stream_window = 64 * 1024;
  std::uint32_t connection_window = 1024 * 1024;

  /// Bytes of one header block as it comes, its frames, and how long it may take.
  std::size_t header_block = std::size_t{32} * 1024;
  unsigned header_frames = 8;
  Milliseconds header_time = 5'000;
  /// Bytes of its decoded fields (RFC 9113 §6.5.2), and fields, at most http::kMaxFields: 431.
  std::size_t header_list = std::size_t{32} * 1024;
  std::size_t fields = http::kMaxFields;
  /// Bytes of `:path`: 414.
  std::size_t path = std::size_t{8} * 1024;

  /// Streams that a client may end early, by itself or by its errors: each that is served earns
  /// one. When none is left nothing is read for `reset_delay`, the second time is a flood.
  unsigned resets = 100;
  Milliseconds reset_delay = 100;
  /// Answers to PING, SETTINGS and errors that wait to be sent.
  unsigned control_answers = 1'000;
  /// Empty DATA frames in a row that do not end their stream.
  unsigned empty_data = 1;
  /// PRIORITY and PRIORITY_UPDATE frames for each stream, on average.
  unsigned priorities = 100;
  /// WINDOW_UPDATE frames for each DATA frame that was sent, on average.
  unsigned window_updates = 10;

  /// Streams that have their whole answer while the client still sends: so many, for so long, and
  /// half a stream's window are kept to be judged; then the client is told to stop.
  std::size_t answered_streams = 32;
  Milliseconds answered_time = 1'000;

  /// Answers wait for a window that the client does not open: that long.
  Milliseconds stall_time = 30'000;
  ExtendedConnect extended_connect = ExtendedConnect::refused;
};

}  // namespace seabag::http2
