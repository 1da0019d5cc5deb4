#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seabag/vfs/mount.h"

namespace seabag::vfs {

/// One mounted file system and the count of what keeps it busy. Safe for concurrent use.
class MountState : public std::enable_shared_from_this<MountState> {
 public:
  MountState(std::string point, std::shared_ptr<FileSystem> file_system,
             WritableFileSystem* writable);

  [[nodiscard]] const std::string& point() const { return point_; }
  [[nodiscard]] FileSystem& file_system() const { return *file_system_; }
  [[nodiscard]] const std::shared_ptr<FileSystem>& shared_file_system() const {
    return file_system_;
  }
  /// Null when mounted read-only.
  [[nodiscard]] WritableFileSystem* writable() const { return writable_; }

  /// Counts one open file. False when the mount was closed in the meantime: walk again.
  [[nodiscard]] bool try_pin() const;
  void unpin() const;

  /// Lets no further file open. False, changing nothing, while files are open.
  [[nodiscard]] bool try_close() const;

 private:
  std::string point_;
  std::shared_ptr<FileSystem> file_system_;
  WritableFileSystem* writable_;  ///< owned by file_system_
  mutable std::atomic<std::uint64_t> pins_{0};
};

/// A directory that is a mount point or on the way to one. Immutable: a change makes new nodes up
/// to the root, so that a walk goes on undisturbed in the tree that it began with.
struct MountNode {
  std::string name;
  /// st_ino while the directory is synthetic.
  std::uint64_t inode = 0;
  /// Keys are owned by the children (`name`).
  std::unordered_map<std::string_view, std::shared_ptr<const MountNode>> children;
  /// The last one shows.
  std::vector<std::shared_ptr<const MountState>> mounts;

  [[nodiscard]] const MountNode* child(std::string_view name) const;
  /// What shows here, or null in a synthetic directory.
  [[nodiscard]] const MountState* top() const {
    return mounts.empty() ? nullptr : mounts.back().get();
  }
};

/// All mounts of a namespace. Safe for concurrent use.
class MountTable {
 public:
  MountTable();

  /// The tree of mount points as it is now; never null.
  [[nodiscard]] std::shared_ptr<const MountNode> snapshot() const;

  /// EBUSY when the same file system is mounted at, above or below that point.
  Result<void> add(const std::shared_ptr<const MountState>& state);

  /// EBUSY and EINVAL as Mount::unmount.
  Result<void> remove(const MountState& state, UnmountMode mode);

 private:
  using Names = std::vector<std::string_view>;

  std::shared_ptr<MountNode> with_added(const MountNode* old, std::string_view name,
                                        const Names& below, std::size_t depth,
                                        const std::shared_ptr<const MountState>& state);
  std::shared_ptr<MountNode> without(const MountNode& old, const Names& below, std::size_t depth,
                                     const MountState& state);

  mutable std::shared_mutex mutex_;
  std::shared_ptr<const MountNode> root_;  ///< guarded by mutex_
  std::uint64_t next_inode_ = 1;           ///< guarded by mutex_
};

}  // namespace seabag::vfs
