#pragma once

#include <cstddef>
#include <cstdint>

namespace seabag::websocket {

/// Whether a message is compressed with what the ones before it held. Keeping that compresses short
/// messages better, and costs a connection some 300 KB (ours) and 45 KB (the client's).
enum class Takeover : std::uint8_t { none, kept };

/// The largest window of DEFLATE, 2^15 bytes, and the smallest that zlib writes.
inline constexpr int kLargestWindowBits = 15;
inline constexpr int kSmallestWindowBits = 9;

/// What a server agrees to (RFC 7692).
struct DeflateOptions {
  Takeover server_takeover = Takeover::none;
  Takeover client_takeover = Takeover::none;
  /// 9 to 15. A client's limit holds only where the client offers to have one.
  int server_window_bits = kLargestWindowBits;
  int client_window_bits = kLargestWindowBits;
  /// 1 (fast) to 9 (small).
  int level = 1;
  /// Messages of fewer bytes go as they are.
  std::size_t shortest = 256;
};

/// What both sides have agreed on; an option that is more than the client allows is less here.
using DeflateAgreement = DeflateOptions;

}  // namespace seabag::websocket
