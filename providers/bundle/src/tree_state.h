#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/bundle/tables.h"
#include "seabag/bundle/tree.h"

namespace seabag::bundle {

/// Names and link targets, packed; offsets have 32 bits.
class TextPool {
 public:
  /// Whether `length` more bytes can be told by 32 bits.
  [[nodiscard]] bool has_room(std::size_t length) const;
  /// Keeps a copy of at most kChunkLength bytes.
  [[nodiscard]] std::uint32_t add(std::string_view text);
  [[nodiscard]] std::string_view get(std::uint32_t offset, std::size_t length) const {
    // The root's empty name is in no chunk.
    return length == 0 ? std::string_view()
                       : std::string_view(
                             chunks_[offset / kChunkLength].get() + offset % kChunkLength, length);
  }

 private:
  static constexpr std::size_t kChunkLength = 1U << 18U;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t filled_ = kChunkLength;  ///< of the last chunk
};

/// An entry as it was added, 40 bytes.
struct PendingEntry {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  std::uint32_t parent = 0;
  std::uint32_t name = 0;       ///< offset in the pool
  std::uint32_t reference = 0;  ///< content, offset of the target, or the entry that is linked
  std::uint32_t count = 0;      ///< directory: children; symlink: bytes of the target
  std::uint32_t links = 1;
  std::uint16_t mode = 0;
  std::uint16_t headers = 0;
  std::uint8_t name_length = 0;
  EntryKind kind = EntryKind::regular;
};
static_assert(sizeof(PendingEntry) == 40);

struct Tree::State {
  std::deque<PendingEntry> entries;
  TextPool texts;

  [[nodiscard]] std::string_view name(const PendingEntry& entry) const {
    return texts.get(entry.name, entry.name_length);
  }
  [[nodiscard]] std::string_view target(const PendingEntry& entry) const {
    return texts.get(entry.reference, entry.count);
  }
  /// Bytes of an entry's full path; 0 for the root.
  [[nodiscard]] std::size_t path_length(std::uint32_t entry) const;
  /// The full path; empty for the root.
  [[nodiscard]] std::string path(std::uint32_t entry) const;
};

}  // namespace seabag::bundle
