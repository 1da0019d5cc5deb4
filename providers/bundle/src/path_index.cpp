#include "path_index.h"

#include <algorithm>
#include <array>

#include "payload_stream.h"
#include "records.h"

namespace seabag::bundle {

void PathIndexBuilder::add(std::uint64_t hash, std::uint32_t entry) {
  paths_.push_back({.high = static_cast<std::uint32_t>(hash >> 32U),
                    .low = static_cast<std::uint32_t>(hash),
                    .entry = entry});
}

Result<void> PathIndexBuilder::write(PayloadStream& out, Superblock& superblock) {
  std::sort(paths_.begin(), paths_.end(), [](const HashedPath& a, const HashedPath& b) {
    return a.hash() != b.hash() ? a.hash() < b.hash() : a.entry < b.entry;
  });
  // Three quarters full: 8 bytes a path.
  const std::uint64_t capacity = std::min<std::uint64_t>(paths_.size() * 4 / 3 + 1, UINT32_MAX);
  superblock.index_capacity = static_cast<std::uint32_t>(capacity);
  std::uint64_t next = 0;
  std::uint64_t longest = 0;
  for (const HashedPath& path : paths_) {
    const std::uint64_t home = index_home(path.hash(), superblock.index_capacity);
    if (home > next) {
      SEABAG_TRY(out.append_zeros((home - next) * kIndexSlotSize));
      next = home;
    }
    std::array<std::byte, kIndexSlotSize> slot{};
    store_le<4>(&slot[0], std::uint64_t{path.entry} + 1);
    store_le<2>(&slot[4], index_tag(path.hash()));
    SEABAG_TRY(out.append(slot));
    ++next;
    longest = std::max(longest, next - home);
  }
  superblock.index_longest_probe = static_cast<std::uint32_t>(longest);
  return next < capacity ? out.append_zeros((capacity - next) * kIndexSlotSize) : Result<void>();
}

}  // namespace seabag::bundle
