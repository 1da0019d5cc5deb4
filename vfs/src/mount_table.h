#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "published.h"
#include "seabag/vfs/mount.h"

namespace seabag::vfs {

/// One mounted file system and the count of what keeps it busy. It ends when it has no owner and
/// nothing is pinned: an open file is no owner, since the count alone costs half. Safe for
/// concurrent use.
class MountState : public std::enable_shared_from_this<MountState> {
 public:
  /// `observed` is null when mounted read-only.
  [[nodiscard]] static std::shared_ptr<const MountState> make(
      std::string point, std::shared_ptr<FileSystem> file_system,
      std::shared_ptr<WritableFileSystem> observed);
  MountState(const MountState&) = delete;
  MountState& operator=(const MountState&) = delete;

  [[nodiscard]] const std::string& point() const { return point_; }
  [[nodiscard]] FileSystem& file_system() const { return *file_system_; }
  [[nodiscard]] const std::shared_ptr<FileSystem>& shared_file_system() const {
    return file_system_;
  }
  /// What mutations go through; null when mounted read-only.
  [[nodiscard]] WritableFileSystem* writable() const { return observed_.get(); }
  [[nodiscard]] const std::shared_ptr<WritableFileSystem>& observed() const { return observed_; }
  /// Tells what changes; null when nobody does.
  [[nodiscard]] ChangeFeed* changes() const;
  /// The file system's short way; null when it has none.
  [[nodiscard]] PathAccess* path_access() const { return path_access_; }
  [[nodiscard]] MountRecord record() const;

  /// Counts one open file. False when the mount was closed in the meantime: walk again. Waits for
  /// the moment at which a walk no longer finds it. It must have an owner meanwhile.
  [[nodiscard]] bool try_pin() const;
  /// The state may be gone afterwards.
  void unpin() const;

  /// Lets no further file open. False, changing nothing, while files are open. When it is true, who
  /// called it takes the mount out of the tree at once.
  [[nodiscard]] bool try_close() const;
  /// The mount is out of the tree. Does nothing where try_close() was not called.
  void finish_close() const;

 private:
  MountState(std::string point, std::shared_ptr<FileSystem> file_system,
             std::shared_ptr<WritableFileSystem> observed);
  ~MountState() = default;
  /// The last owner has gone.
  void disown() const;

  std::string point_;
  std::shared_ptr<FileSystem> file_system_;
  std::shared_ptr<WritableFileSystem> observed_;
  PathAccess* path_access_;  ///< of file_system_
  mutable std::atomic<std::uint64_t> pins_{0};
};

struct MountNode;

/// The children of a MountNode by name: a hash table, because a walk asks it for every component.
class MountChildren {
 public:
  /// Null when there is none of that name.
  [[nodiscard]] const MountNode* find(std::string_view name) const;
  /// Adds a child, or puts it in the place of the one of the same name.
  void put(std::shared_ptr<const MountNode> child);
  void erase(std::string_view name);

  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] auto begin() const { return nodes_.begin(); }
  [[nodiscard]] auto end() const { return nodes_.end(); }

 private:
  /// Where `name` is in index_, or the free place where it would be.
  [[nodiscard]] std::size_t place_of(std::string_view name) const;
  void rebuild_index();

  std::vector<std::shared_ptr<const MountNode>> nodes_;
  /// Open addressing: positions in nodes_ plus 1, 0 where free; a power of two, at most half full.
  std::vector<std::uint32_t> index_;
};

/// A directory that is a mount point or on the way to one. Immutable: a change makes new nodes up
/// to the root, so that a walk goes on undisturbed in the tree that it began with.
struct MountNode {
  std::string name;
  /// st_ino while the directory is synthetic.
  std::uint64_t inode = 0;
  /// What shows here: the last of mounts, or null in a synthetic directory.
  const MountState* top = nullptr;
  MountChildren children;
  std::vector<std::shared_ptr<const MountState>> mounts;
};

/// All mounts of a namespace. Safe for concurrent use.
class MountTable {
 public:
  /// The tree of mount points as it was at one moment.
  using Snapshot = Published<MountNode>::Reader;

  MountTable();

  [[nodiscard]] Snapshot snapshot() const { return tree_.read(); }

  /// EBUSY when the same file system is mounted at, above or below that point.
  Result<void> add(const std::shared_ptr<const MountState>& state);

  /// EBUSY and EINVAL as Mount::unmount.
  Result<void> remove(const MountState& state, UnmountMode mode);

  void add_observer(std::shared_ptr<const MountObserver> observer);
  void remove_observer(const std::shared_ptr<const MountObserver>& observer);

 private:
  using Names = std::vector<std::string_view>;

  std::shared_ptr<MountNode> with_added(const MountNode* old, std::string_view name,
                                        const Names& below, std::size_t depth,
                                        const std::shared_ptr<const MountState>& state);
  std::shared_ptr<MountNode> without(const MountNode& old, const Names& below, std::size_t depth,
                                     const MountState& state);

  void tell(MountChange change, const MountState& state) const;

  std::mutex mutex_;                                             ///< held by changes only
  std::vector<std::shared_ptr<const MountObserver>> observers_;  ///< guarded by mutex_
  std::uint64_t next_inode_ = 1;                                 ///< guarded by mutex_
  std::shared_ptr<const MountNode> root_;                        ///< guarded by mutex_
  Published<MountNode> tree_;                                    ///< root_, for walks
};

}  // namespace seabag::vfs
