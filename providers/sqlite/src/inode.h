#pragma once

#include <cstdint>

#include "seabag/vfs/node.h"

namespace seabag::providers {

/// A row of fs_inode, checked.
struct Inode {
  std::int64_t number = 0;
  vfs::FileType type = vfs::FileType::regular;
  std::uint32_t mode = 0;  ///< 07777
  std::uint64_t links = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;  ///< at most INT64_MAX
  std::uint64_t device = 0;
  vfs::Timestamp accessed;
  vfs::Timestamp modified;
  vfs::Timestamp changed;

  [[nodiscard]] bool is_directory() const { return type == vfs::FileType::directory; }
  [[nodiscard]] vfs::NodeId node() const { return static_cast<vfs::NodeId>(number); }
};

/// A name and the node it leads to.
struct Child {
  Inode inode;
  std::int64_t entry = 0;  ///< fs_dentry.id
};

}  // namespace seabag::providers
