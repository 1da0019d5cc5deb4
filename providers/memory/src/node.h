#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "content.h"
#include "entries.h"
#include "seabag/vfs/node.h"

namespace seabag::providers {

/// What directories have and other nodes do not. The tree's lock guards it.
struct Directory {
  Entries entries;
  /// Null for the root; owned by the tree.
  Node* parent = nullptr;
};

/// An inode.
///
/// Locks: `mutex` guards all that is not said otherwise; the tree's lock is always taken first, and
/// no two nodes are locked at once. `links` changes only under both locks, so either is enough to
/// read it.
struct Node {
  Node(vfs::NodeId number, vfs::FileType kind) : id(number), type(kind) {}

  const vfs::NodeId id;
  const vfs::FileType type;
  mutable std::shared_mutex mutex;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t links = 0;
  std::uint64_t device = 0;
  vfs::Timestamp accessed;
  vfs::Timestamp modified;
  vfs::Timestamp changed;
  vfs::Timestamp created;
  std::map<std::string, std::string, std::less<>> xattrs;

  /// Files open on the node. Counted up under the tree's lock (shared will do), down without.
  std::atomic<std::uint64_t> opens{0};
  /// Made by `create_unnamed` and not named yet: `link` may bring it back. The tree's lock guards
  /// it.
  bool is_unnamed = false;

  /// Set for its type only, and for good.
  std::unique_ptr<Content> content;
  std::unique_ptr<Directory> directory;
  std::string target;

  [[nodiscard]] bool is_directory() const { return type == vfs::FileType::directory; }

  /// stat(2); `mutex` is held.
  [[nodiscard]] vfs::Attributes attributes() const;
};

}  // namespace seabag::providers
