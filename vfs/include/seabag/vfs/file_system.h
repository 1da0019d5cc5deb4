#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/file.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

class PathAccess;

/// The contract of a file system that can be read: what a provider is.
///
/// Node-based, like the kernel's: a provider is asked about nodes and single names, never about
/// paths, so symlinks, `..` and mounts are handled in one place (Namespace) and no path can escape.
/// A *name* is one component: 1 .. 255 bytes, neither `.` nor `..`, without `/` and NUL. Names that
/// break this are answered with EINVAL (ENAMETOOLONG when too long) by every call that takes one.
///
/// Errors carry the operation and no path; Namespace adds the path. A call on a node that does not
/// exist (any more) is ESTALE. Safe for concurrent use. `tests/support` holds the suite that
/// defines the contract.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Valid as long as the file system.
  [[nodiscard]] virtual const Capabilities& capabilities() const = 0;

  /// The node called `name` in the directory `parent`. Errors: ENOENT, ENOTDIR, ENAMETOOLONG.
  [[nodiscard]] virtual Result<Attributes> lookup(NodeId parent, std::string_view name) = 0;

  /// stat(2) of a node; symlinks are not followed.
  [[nodiscard]] virtual Result<Attributes> attributes(NodeId node) = 0;

  /// Opens a regular file for reading. EISDIR for a directory, ELOOP for a symlink, ENXIO for
  /// anything else. Never blocks on a fifo.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(NodeId node) = 0;

  /// Up to `limit` entries (at least 1) that follow `cookie` (0: from the start). An empty answer
  /// is the end. An entry that exists throughout a listing is told exactly once, whatever else is
  /// created or removed meanwhile. Order is the provider's own, and deterministic. Errors: ENOTDIR.
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(NodeId directory,
                                                                 std::uint64_t cookie,
                                                                 std::size_t limit) = 0;

  /// The target of a symlink, byte for byte. EINVAL for anything else.
  [[nodiscard]] virtual Result<std::string> read_link(NodeId node) = 0;

  /// The value of an extended attribute. ENODATA when there is none.
  [[nodiscard]] virtual Result<std::string> xattr(NodeId node, std::string_view name) = 0;

  /// Names of a node's extended attributes, sorted bytewise.
  [[nodiscard]] virtual Result<std::vector<std::string>> xattrs(NodeId node) = 0;

  [[nodiscard]] virtual Result<Statistics> statistics() = 0;

  /// The short way to what lies deep, valid as long as the file system; null when there is none, as
  /// in most. What stands in front of a file system hands it on only if it changes nothing that is
  /// read.
  [[nodiscard]] virtual PathAccess* path_access() { return nullptr; }
};

/// What `WritableFileSystem::remove` may take away: unlink(2) or rmdir(2).
enum class RemoveKind : std::uint8_t { file, directory };

/// Flags of renameat2(2).
enum class RenameMode : std::uint8_t { replace, no_replace, exchange };

/// Flags of setxattr(2).
enum class XattrMode : std::uint8_t { any, create, replace };

/// The contract of a file system that can also be changed. Every mutation is atomic: it has
/// happened or it has not, also for observers in other threads. Times follow SEMANTICS (POSIX):
/// create, link, remove and rename touch the directory's mtime and ctime and the node's ctime.
/// Any mutation of a frozen or read-only file system is EROFS; that does not hide ENOENT or EEXIST.
class WritableFileSystem : public FileSystem {
 public:
  /// Makes a node called `name`. EEXIST whatever holds the name. Errors: ENOENT (parent removed),
  /// ENOTDIR, ENAMETOOLONG, ENOSPC, EDQUOT, EPERM (special files without the capability), EINVAL.
  [[nodiscard]] virtual Result<Attributes> create(NodeId parent, std::string_view name,
                                                  const NewNode& what) = 0;

  /// Makes a regular file without a name (O_TMPFILE) in the file system of `directory`; `link` on
  /// its `attributes().node` names it, otherwise it goes at close.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create_unnamed(
      NodeId directory, const NewNode& what) = 0;

  /// Opens a regular file for reading and writing. Errors as `open`, EROFS, EACCES.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) = 0;

  /// link(2): one more name for a node. EPERM for a directory or without the capability, EEXIST,
  /// EMLINK, ENOENT for an orphan that was not made by `create_unnamed`.
  [[nodiscard]] virtual Result<Attributes> link(NodeId node, NodeId parent,
                                                std::string_view name) = 0;

  /// unlink(2) or rmdir(2). EISDIR, ENOTDIR, ENOTEMPTY, ENOENT, EBUSY.
  [[nodiscard]] virtual Result<void> remove(NodeId parent, std::string_view name,
                                            RemoveKind kind) = 0;

  /// renameat2(2). Both names of one node: success and nothing changes. Into its own subtree is
  /// EINVAL, decided by ancestry. ENOTEMPTY, EISDIR, ENOTDIR, EEXIST (no_replace), ENOENT.
  [[nodiscard]] virtual Result<void> rename(NodeId from, std::string_view from_name, NodeId to,
                                            std::string_view to_name, RenameMode mode) = 0;

  /// chmod, chown, truncate and utimensat in one step; the attributes afterwards. A `size` on a
  /// directory is EISDIR, on another non-file EINVAL.
  [[nodiscard]] virtual Result<Attributes> set_attributes(NodeId node,
                                                          const AttributeChanges& changes) = 0;

  /// setxattr(2) of `user.*` names, on files and directories. EEXIST (create), ENODATA (replace),
  /// EPERM (symlink, special file), EOPNOTSUPP (another name space), ERANGE (name over 255 bytes),
  /// E2BIG (value over 64 KiB), ENOSPC.
  [[nodiscard]] virtual Result<void> set_xattr(NodeId node, std::string_view name,
                                               std::string_view value, XattrMode mode) = 0;

  /// removexattr(2). ENODATA when there is none.
  [[nodiscard]] virtual Result<void> remove_xattr(NodeId node, std::string_view name) = 0;

  /// syncfs(2): everything written so far is durable on return.
  [[nodiscard]] virtual Result<void> sync() = 0;
};

}  // namespace seabag::vfs
