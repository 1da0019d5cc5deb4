#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "seabag/bundler/pack.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::bundler {

/// The encodings that a pack makes, in the order in which they are stored.
inline constexpr std::array<vfs::Encoding, 3> kVariantEncodings = {
    vfs::Encoding::gzip, vfs::Encoding::br, vfs::Encoding::zstd};

/// Longer contents are encoded piece by piece, with less effort, so that memory and time stay
/// bounded.
inline constexpr std::uint64_t kStreamedLength = 16ULL << 20;

/// How one variant is made: the same recipe and bytes give the same variant.
struct Recipe {
  vfs::Encoding encoding = vfs::Encoding::gzip;
  int level = 0;
  int window_log = 0;  ///< brotli and zstd
  bool is_streamed = false;

  /// Tells this recipe, with the versions of the libraries, from every other one; for the cache.
  [[nodiscard]] std::uint64_t fingerprint() const;

  /// About how many nanoseconds a byte takes; decides the order of work and nothing else.
  [[nodiscard]] std::uint64_t cost_per_byte() const;
};

/// `profile` is not Profile::none.
[[nodiscard]] Recipe recipe_for(Profile profile, vfs::Encoding encoding, std::uint64_t length);

/// The largest variant that is worth keeping: it saves at least 5 % and 256 bytes. 0: none can be.
[[nodiscard]] constexpr std::uint64_t largest_worth_keeping(std::uint64_t length) {
  constexpr std::uint64_t kLeastSaving = 256;
  if (length <= kLeastSaving) {
    return 0;
  }
  const std::uint64_t by_ratio = length - (length + 19) / 20;
  const std::uint64_t by_bytes = length - kLeastSaving;
  return by_ratio < by_bytes ? by_ratio : by_bytes;
}

}  // namespace seabag::bundler
