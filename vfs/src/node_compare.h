#pragma once

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// A node and whose it is; borrowed for a call.
struct NodePlace {
  FileSystem& files;
  NodeId node{};
};

/// Whether two nodes say the same: type, mode, owner, extended attributes, and for all but
/// directories also modification time, size, device, target and content. Content is read only when
/// all else is equal.
[[nodiscard]] Result<bool> is_same_node(const NodePlace& one, const NodePlace& other);

}  // namespace seabag::vfs
