#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace seabag::bundle {

/// BLAKE2b-128 (RFC 7693) of a file's identity bytes: what deduplicates contents and makes strong
/// ETags.
using ContentHash = std::array<std::byte, 16>;

/// Computes a ContentHash piece by piece. One thread at a time.
class ContentHasher {
 public:
  ContentHasher();

  void update(std::span<const std::byte> bytes);
  /// As `update` with `count` zero bytes; for holes.
  void update_zeros(std::uint64_t count);
  /// The hash of everything so far. The hasher must not be used afterwards.
  [[nodiscard]] ContentHash finish();

 private:
  struct alignas(64) State {
    std::array<unsigned char, 384> bytes;
  };
  State state_;
};

/// The hash of a whole content. Safe for concurrent use.
[[nodiscard]] ContentHash content_hash(std::span<const std::byte> bytes);

/// XXH3-64 of an absolute path, as the path index uses it.
[[nodiscard]] std::uint64_t path_hash(std::string_view path);

}  // namespace seabag::bundle
