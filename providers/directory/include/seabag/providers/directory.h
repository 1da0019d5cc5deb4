#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/file_system.h"

namespace seabag::providers {

/// How far a DirectoryFileSystem goes along with what it finds in the real tree.
struct DirectoryOptions {
  enum class Access : std::uint8_t {
    read_write,
    read_only,  ///< every mutation is EROFS
  };

  enum class Mounts : std::uint8_t {
    cross,   ///< file systems mounted below the root belong to the tree
    refuse,  ///< what lies on another mount than the root is EXDEV (RESOLVE_NO_XDEV)
  };

  /// What to do with a file that has several names: another one may lie outside the root, put there
  /// or brought in by somebody else. No policy touches the names: they can be removed and renamed.
  enum class LinkedFiles : std::uint8_t {
    allow,
    read_only,  ///< opening for writing, attributes and xattrs: EPERM
    refuse,     ///< reading the content is EPERM too
  };

  /// How a path below the root is followed.
  enum class Resolution : std::uint8_t {
    automatic,  ///< openat2(2), and `walk` where the kernel or a seccomp filter has none
    walk,       ///< component by component with O_PATH | O_NOFOLLOW, for tests
  };

  Access access = Access::read_write;
  Mounts mounts = Mounts::cross;
  LinkedFiles linked_files = LinkedFiles::allow;
  Resolution resolution = Resolution::automatic;
};

/// A real directory as a file system, and nothing outside of it: whatever names, links and trees a
/// caller makes, and whoever changes the tree meanwhile, no call reads or changes anything that is
/// not below the root at that moment.
///
/// Symlinks, FIFOs and devices are shown but never followed or opened, magic links of /proc
/// included; a caller resolves link targets itself (Namespace does, inside the root). A FIFO or
/// device that is asked for can be open for a moment, for reading and without blocking, before it
/// is refused: `path_access` looks at what it has opened, `open` at the name before as well.
/// Special files cannot be made (EPERM). No error tells where the root is on the host.
///
/// A node is found anew by its path from the root at every call and its identity is verified, so no
/// descriptor is kept but the root's and those of open files: a tree of any size works within any
/// RLIMIT_NOFILE. A node that somebody else has moved is ESTALE until it is looked up at its new
/// place. Where somebody else removes a file and makes another that gets its inode
/// number within one tick of the clock (some milliseconds), the two pass for one node. Each node
/// that was ever looked up or listed costs about 180 bytes while it exists.
///
/// `capabilities().changes` tells what anybody changes, this process or another, by inotify(7), for
/// directories that are watched (`vfs::watch`); from the first watch on a thread of its own reads
/// the events. Making a file can take several system calls: what follows its `created` at once is
/// not told again. A change is told soon after it is made, not before the call returns; events that
/// the kernel had to drop are an overflow. A watch fails with ENOSPC when the user has no inotify
/// watches left, and EMFILE when there are no instances.
///
/// New nodes belong to the requested user and group where the process may do that, otherwise to the
/// process. chown(2), truncation and writing clear setuid and setgid as the kernel does.
/// Safe for concurrent use.
class DirectoryFileSystem final : public vfs::WritableFileSystem {
 public:
  /// Opens the directory `root`, a path of the host, following symlinks on the way to it; later
  /// moves of the directory are followed. Errors: ENOENT, ENOTDIR, EACCES, and EOPNOTSUPP when
  /// `Mounts::refuse` is asked of a kernel before 5.8, which cannot tell mounts apart.
  [[nodiscard]] static Result<std::unique_ptr<DirectoryFileSystem>> open_root(
      std::string_view root, const DirectoryOptions& options = {});

  ~DirectoryFileSystem() override;

  [[nodiscard]] const vfs::Capabilities& capabilities() const override;
  [[nodiscard]] Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override;
  [[nodiscard]] Result<vfs::Attributes> attributes(vfs::NodeId node) override;
  [[nodiscard]] Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override;
  /// Rows come in the order of a hash of their names, the same on every file system, so that a
  /// cookie keeps its meaning however the directory changes.
  [[nodiscard]] Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory,
                                                              std::uint64_t cookie,
                                                              std::size_t limit) override;
  [[nodiscard]] Result<std::string> read_link(vfs::NodeId node) override;
  /// Attributes outside `user.*` do not exist here.
  [[nodiscard]] Result<std::string> xattr(vfs::NodeId node, std::string_view name) override;
  [[nodiscard]] Result<std::vector<std::string>> xattrs(vfs::NodeId node) override;
  /// Of the file system that holds the root; free is what an unprivileged user can have.
  [[nodiscard]] Result<vfs::Statistics> statistics() override;
  [[nodiscard]] vfs::PathAccess* path_access() override;

  [[nodiscard]] Result<vfs::Attributes> create(vfs::NodeId parent, std::string_view name,
                                               const vfs::NewNode& what) override;
  /// EOPNOTSUPP where the file system below has no O_TMPFILE.
  [[nodiscard]] Result<std::unique_ptr<vfs::WritableFile>> create_unnamed(
      vfs::NodeId directory, const vfs::NewNode& what) override;
  [[nodiscard]] Result<std::unique_ptr<vfs::WritableFile>> open_writable(vfs::NodeId node) override;
  [[nodiscard]] Result<vfs::Attributes> link(vfs::NodeId node, vfs::NodeId parent,
                                             std::string_view name) override;
  [[nodiscard]] Result<void> remove(vfs::NodeId parent, std::string_view name,
                                    vfs::RemoveKind kind) override;
  [[nodiscard]] Result<void> rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                                    std::string_view to_name, vfs::RenameMode mode) override;
  /// Several changes are several system calls: in the order size, owner, mode, times, and an error
  /// leaves those before it done.
  [[nodiscard]] Result<vfs::Attributes> set_attributes(
      vfs::NodeId node, const vfs::AttributeChanges& changes) override;
  [[nodiscard]] Result<void> set_xattr(vfs::NodeId node, std::string_view name,
                                       std::string_view value, vfs::XattrMode mode) override;
  [[nodiscard]] Result<void> remove_xattr(vfs::NodeId node, std::string_view name) override;
  [[nodiscard]] Result<void> sync() override;

 private:
  struct State;
  explicit DirectoryFileSystem(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::providers
