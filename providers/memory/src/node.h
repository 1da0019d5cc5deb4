#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "content.h"
#include "entries.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"
#include "versioned_mutex.h"

namespace seabag::providers {

/// What directories have and other nodes do not. The tree's lock guards it.
struct Directory {
  Entries entries;
  /// Null for the root; owned by the tree.
  Node* parent = nullptr;
};

/// A moment that readers may look at while it changes.
class WatchedTime {
 public:
  WatchedTime& operator=(vfs::Timestamp time) {
    seconds_ = time.seconds;
    nanoseconds_ = time.nanoseconds;
    return *this;
  }
  operator vfs::Timestamp() const {
    return {.seconds = seconds_.get(), .nanoseconds = nanoseconds_.get()};
  }

 private:
  Watched<std::int64_t> seconds_;
  Watched<std::uint32_t> nanoseconds_;
};

/// An inode. There may be millions: what few have is behind a pointer.
///
/// Locks: `mutex` guards all that is not said otherwise; the tree's lock is always taken first, and
/// no two nodes are locked at once. `links` changes only under both locks, so either is enough to
/// read it.
struct Node {
  using Xattrs = std::map<std::string, std::string, std::less<>>;

  Node(vfs::NodeId number, vfs::FileType kind) : id(number), type(kind) {}

  const vfs::NodeId id;
  const vfs::FileType type;
  /// Made by `create_unnamed` and not named yet: `link` may bring it back. The tree's lock guards
  /// it.
  bool is_unnamed = false;
  mutable VersionedMutex mutex;
  Watched<std::uint32_t> mode;
  Watched<std::uint32_t> uid;
  Watched<std::uint32_t> gid;
  Watched<std::uint32_t> links;
  /// Files open on the node. Counted up under the tree's lock (shared will do), down as well.
  std::atomic<std::uint32_t> opens{0};
  WatchedTime accessed;
  WatchedTime modified;
  WatchedTime changed;
  WatchedTime created;
  std::unique_ptr<Xattrs> xattrs;  ///< null while there are none

  /// Set for its type only, and for good.
  std::unique_ptr<Content> content;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<const std::string> target;
  std::uint64_t device = 0;

  [[nodiscard]] bool is_directory() const { return type == vfs::FileType::directory; }

  /// stat(2); `mutex` is held.
  [[nodiscard]] vfs::Attributes attributes() const;
  /// stat(2); `mutex` is not held. Never fails: the answer is made where the caller wants it.
  [[nodiscard]] Result<vfs::Attributes> read_attributes() const;
  /// Bytes that the owner is charged; `mutex` is held.
  [[nodiscard]] std::uint64_t charged() const;
  /// Nobody else knows the node yet, or `mutex` is held.
  void set_all_times(vfs::Timestamp when) {
    for (WatchedTime* time : {&accessed, &modified, &changed, &created}) {
      *time = when;
    }
  }

 private:
  void tell_constants(vfs::Attributes& attributes) const;
  void tell_variables(vfs::Attributes& attributes) const;
};

}  // namespace seabag::providers
