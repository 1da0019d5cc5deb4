#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "seabag/bundle/format.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// Writes a payload from the superblock's end on, in order, and hashes it in leaves as the bytes
/// pass. Runs of zeros of 64 KiB are not written, so they become holes. Memory: one leaf, and 32
/// bytes for each. One thread at a time.
class PayloadStream {
 public:
  /// `descriptor` is borrowed; `base` is the payload's offset in the file.
  PayloadStream(int descriptor, std::uint64_t base);

  /// Offset in the payload of the next byte.
  [[nodiscard]] std::uint64_t position() const { return leaf_start_ + filled_; }

  /// Errors: those of pwrite(2), EFBIG beyond kMaxPayloadSize.
  [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> append_zeros(std::uint64_t count);
  [[nodiscard]] Result<void> align(std::uint64_t alignment);

  /// Reads back what has been appended. The range lies before `position()`. Safe for concurrent use
  /// as long as nothing is appended.
  [[nodiscard]] Result<void> read_at(std::span<std::byte> buffer, std::uint64_t offset) const;

  /// Writes what is buffered; the leaves are complete then and nothing may be appended any more.
  [[nodiscard]] Result<void> finish_leaves();
  [[nodiscard]] std::span<const RootHash> leaves() const { return leaves_; }

 private:
  [[nodiscard]] Result<void> check_room(std::uint64_t count) const;
  [[nodiscard]] Result<void> flush_leaf();
  [[nodiscard]] Result<void> read_written(std::span<std::byte> buffer, std::uint64_t offset) const;
  [[nodiscard]] Result<void> write_data(std::span<const std::byte> leaf) const;

  int descriptor_;
  std::uint64_t base_;
  std::unique_ptr<std::byte[]> buffer_;  ///< kLeafLength bytes
  std::uint64_t leaf_start_ = kSuperblockSize;
  std::size_t filled_ = 0;
  RootHash zero_leaf_;  ///< of kLeafLength zero bytes
  std::vector<RootHash> leaves_;
};

}  // namespace seabag::bundle
