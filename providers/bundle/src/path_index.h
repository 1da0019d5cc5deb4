#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "seabag/bundle/format.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

class PayloadStream;

/// Collects the hashes of all paths and writes the index: in the order of their home positions,
/// each in the first free slot from there on, so that it streams and comes out the same every time.
class PathIndexBuilder {
 public:
  explicit PathIndexBuilder(std::size_t expected) { paths_.reserve(expected); }

  void add(std::uint64_t hash, std::uint32_t entry);

  /// Writes the slots and sets capacity and longest probe. Nothing may be added afterwards.
  [[nodiscard]] Result<void> write(PayloadStream& out, Superblock& superblock);

 private:
  struct HashedPath {
    std::uint32_t high;  // two halves: 12 bytes, not 16
    std::uint32_t low;
    std::uint32_t entry;
    [[nodiscard]] std::uint64_t hash() const { return (std::uint64_t{high} << 32U) | low; }
  };
  std::vector<HashedPath> paths_;
};

}  // namespace seabag::bundle
