#pragma once

#include <cstdint>
#include <optional>

#include "payload_stream.h"
#include "seabag/bundle/tables.h"
#include "seabag/vfs/result.h"
#include "tree_layout.h"
#include "tree_state.h"

namespace seabag::bundle {

/// A path of this length or more cannot be asked for (PATH_MAX counts the final NUL).
inline constexpr std::size_t kPathLimit = vfs::kMaxPathLength;

/// Writes the entries of a tree and the texts they refer to: two sections, in the same order.
class EntryTable {
 public:
  /// Borrows both.
  EntryTable(const Tree::State& tree, const TreeLayout& layout) : tree_(tree), layout_(layout) {}

  /// Errors: EOVERFLOW for more than 4 GiB of texts, those of pwrite(2).
  [[nodiscard]] Result<void> write_entries(PayloadStream& out);
  [[nodiscard]] Result<void> write_names(PayloadStream& out) const;

 private:
  [[nodiscard]] Entry next_entry(std::uint32_t place);
  [[nodiscard]] std::size_t stored_path_length(std::uint32_t place) const;

  const Tree::State& tree_;
  const TreeLayout& layout_;
  std::uint32_t next_child_ = 1;
  std::uint64_t text_end_ = 0;  ///< of all texts before the next entry's
};

}  // namespace seabag::bundle
