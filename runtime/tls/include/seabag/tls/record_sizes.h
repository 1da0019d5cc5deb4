#pragma once

#include <algorithm>
#include <cstddef>

namespace seabag::tls {

/// How many bytes go into the next record. A browser can use no byte of a record before its last
/// one has come: the first ones fit a packet each, later ones, when the connection is fast, are as
/// large as TLS allows, because each costs the same. A value.
class RecordSizes {
 public:
  /// Fits a packet of 1,500 bytes together with the headers of IPv6, TCP and TLS.
  static constexpr std::size_t kSmall = 1400;
  static constexpr std::size_t kSmallUntil = 64 * 1024;
  static constexpr std::size_t kLarge = 16 * 1024;

  /// When `left` bytes, at least one, are to be sent: takes as many as belong into one record.
  std::size_t take(std::size_t left) {
    const bool is_young = sent_ < kSmallUntil;
    const std::size_t size = std::min(left, is_young ? kSmall : kLarge);
    sent_ += is_young ? size : 0;
    return size;
  }

 private:
  std::size_t sent_ = 0;  ///< as far as it matters
};

}  // namespace seabag::tls
