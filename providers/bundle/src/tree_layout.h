#pragma once

#include <cstdint>
#include <vector>

#include "seabag/vfs/result.h"
#include "tree_state.h"

namespace seabag::bundle {

/// The final numbers of a tree's entries: level by level, each directory's children together and
/// sorted bytewise. That depends on names alone, not on the order of adding; and a child's number
/// is always above its directory's, so no reader can be sent round in circles.
struct TreeLayout {
  std::vector<std::uint32_t> order;     ///< final number -> place in Tree::State::entries
  std::vector<std::uint32_t> position;  ///< the other way round
};

/// Errors: EEXIST with the path, when a directory has a name twice.
[[nodiscard]] Result<TreeLayout> lay_out(const Tree::State& tree);

}  // namespace seabag::bundle
