#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "batch.h"
#include "seabag/bundle/content_hash.h"

namespace seabag::bundler {

/// Collects the bytes of one file of an archive: in the batch while they are few, else hashed and
/// in a scratch file. One thread at a time.
class ArchiveEntryData {
 public:
  /// `arena` has room for kInlineFileSize bytes. Both are borrowed.
  ArchiveEntryData(ByteArena& arena, const std::string& scratch_directory);
  ~ArchiveEntryData();
  ArchiveEntryData(const ArchiveEntryData&) = delete;
  ArchiveEntryData& operator=(const ArchiveEntryData&) = delete;

  /// Adds bytes at `offset`, which is at least `size()`; zeros fill the gap.
  [[nodiscard]] Result<void> append(std::span<const std::byte> bytes, std::uint64_t offset);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Leaves the bytes in the batch and says so in the item.
  [[nodiscard]] Result<void> finish(Batch& batch, Item& item);

 private:
  [[nodiscard]] Result<void> spill();

  ByteArena& arena_;
  const std::string& scratch_directory_;
  std::span<std::byte> held_;  ///< owned by the arena
  std::size_t start_;          ///< of `held_`, in the arena
  std::uint64_t size_ = 0;
  Descriptor scratch_;
  bundle::ContentHasher hasher_;
};

}  // namespace seabag::bundler
