#pragma once

#include <cstddef>

namespace seabag::websocket {

/// How much a client may send. What goes beyond closes the connection: 1009, for the fragments
/// 1008.
struct Limits {
  /// Bytes of one message, decompressed.
  std::size_t message = std::size_t{1024} * 1024;
  /// Bytes of the payload of one frame, as it comes.
  std::size_t frame = std::size_t{1024} * 1024;
  /// Frames of one message.
  std::size_t fragments = std::size_t{64} * 1024;
};

}  // namespace seabag::websocket
