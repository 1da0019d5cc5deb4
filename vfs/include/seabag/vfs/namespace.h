#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "seabag/vfs/file.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/mount.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

class Watch;
struct WatchOptions;

/// What a call does when the last component of its path is a symlink. A trailing slash always
/// follows it.
enum class LastLink : std::uint8_t { follow, keep };

/// Whether opening for writing makes the file: no flag, O_CREAT, O_CREAT|O_EXCL of open(2).
enum class CreateMode : std::uint8_t { never, if_missing, exclusive };

/// What a new node gets; the caller has applied its umask.
struct CreateOptions {
  std::uint32_t mode = 0;  ///< 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;  ///< a setgid parent directory overrides it
};

/// Flags of open(2) for reading. `keep` is O_NOFOLLOW: a symlink is ELOOP.
struct OpenOptions {
  LastLink last_link = LastLink::follow;
  bool directory = false;  ///< O_DIRECTORY: ENOTDIR for anything but a directory
};

/// Flags of open(2) for writing.
struct WriteOptions {
  CreateMode create = CreateMode::never;
  bool truncate = false;  ///< O_TRUNC, also without `create`
  LastLink last_link = LastLink::follow;
  bool directory = false;  ///< O_DIRECTORY; with `create` EINVAL, as on Linux from 6.4 on
  CreateOptions node = {.mode = 0644};
};

/// A tree made of mounted file systems, used by path: one walk, one mount table and the familiar
/// calls with the errors of Linux on tmpfs (path_resolution(7), and the manual page of each call).
///
/// Paths are bytes. They start at `/` whether they begin with it or not (there is no current
/// directory). Every call can fail with ENOENT, ENOTDIR, ELOOP (more than 40 symlinks),
/// ENAMETOOLONG (255 bytes a component, 4095 a path), EINVAL (a NUL byte) and what the provider
/// says; only further errors are told below. Errors carry the path as the caller gave it.
/// A mutation on a read-only mount is EROFS, unless the walk already ended in ENOENT or EEXIST.
///
/// Directories on the way to a mount point that no file system has are synthetic: they are listed
/// and can be walked, have mode 0555, and nothing can be made in them (EROFS).
///
/// There is no permission check: a namespace has no user. Neither it nor a mount is a security
/// boundary. Safe for concurrent use; no lock is held while a provider works.
class Namespace {
 public:
  Namespace();
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  /// Mounts a file system at `prefix`, which need not exist, and hides what is there. Symlinks in
  /// the part of `prefix` that exists are followed now. The longest prefix wins, whatever the order
  /// of mounting; of two mounts in one place the later. Mounts belong to paths: they stay when the
  /// tree below changes. Errors: ENOTDIR when something on the way is no directory, EBUSY for a
  /// file system that is mounted there, above or below already (it would hold itself), EINVAL for
  /// no file system. A failed mount leaves no trace. The mount ends with the object returned, so
  /// name it (a bare `SEABAG_TRY(files.mount(...));` unmounts at once) or tell it to `keep`.
  template <std::derived_from<FileSystem> T>
  [[nodiscard]] Result<Mount> mount(std::string_view prefix, std::shared_ptr<T> file_system,
                                    MountOptions options = {}) {
    WritableFileSystem* writable = nullptr;
    if constexpr (std::is_base_of_v<WritableFileSystem, T>) {
      writable = file_system.get();
    }
    return attach(prefix, std::move(file_system), writable, options);
  }
  template <std::derived_from<FileSystem> T>
  [[nodiscard]] Result<Mount> mount(std::string_view prefix, std::unique_ptr<T> file_system,
                                    MountOptions options = {}) {
    return mount(prefix, std::shared_ptr<T>(std::move(file_system)), options);
  }

  /// Unmounts what is mounted at `path` (the latest, if several are). EINVAL when nothing is, EBUSY
  /// as Mount::unmount.
  Result<void> unmount(std::string_view path, UnmountMode mode = UnmountMode::if_idle);

  /// All mounts, sorted by point; in one place the one that shows is last.
  [[nodiscard]] std::vector<MountRecord> mounts() const;

  /// Tells of every mount and unmount from now on, the end of a Mount included. The end of the
  /// namespace itself is not told.
  [[nodiscard]] MountObservation observe_mounts(MountObserver observer);

  /// Opens a regular file for reading. The file keeps its file system alive and its mount busy.
  /// EISDIR for a directory, ENXIO for a fifo, socket or device.
  [[nodiscard]] Result<std::unique_ptr<File>> open(std::string_view path,
                                                   OpenOptions options = {}) const;

  /// Opens a regular file for reading and writing. `if_missing` also makes the target of a dangling
  /// symlink; `exclusive` never follows one. Errors as `open`; EEXIST (exclusive, whatever has the
  /// name), EISDIR (also for `create` and a trailing slash), EROFS, ENOSPC.
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> open_writable(std::string_view path,
                                                                    WriteOptions options = {});

  /// O_TMPFILE: a regular file without a name, in the file system of the directory `path`. It goes
  /// at its last close unless `create_link` names it before. ENOTDIR, EROFS, ENOSPC.
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create_unnamed(std::string_view path,
                                                                     CreateOptions options = {
                                                                         .mode = 0644});

  [[nodiscard]] Result<Attributes> stat(std::string_view path) const;
  [[nodiscard]] Result<Attributes> lstat(std::string_view path) const;

  /// The whole directory, mount points included, sorted bytewise by name. Cookies are 0.
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(std::string_view path) const;

  /// The target of a symlink, byte for byte; EINVAL for anything else.
  [[nodiscard]] Result<std::string> read_link(std::string_view path) const;

  /// The absolute path without symlinks, `.` and `..`, all of which must exist (realpath(3)).
  /// ENAMETOOLONG also when that path is longer than a path may be.
  [[nodiscard]] Result<std::string> real_path(std::string_view path) const;

  /// Of the file system that `path` is in; all zero for a synthetic directory.
  [[nodiscard]] Result<Statistics> statistics(std::string_view path) const;

  /// ENODATA when there is none of that name.
  [[nodiscard]] Result<std::string> xattr(std::string_view path, std::string_view name,
                                          LastLink last_link = LastLink::follow) const;
  [[nodiscard]] Result<std::vector<std::string>> xattrs(
      std::string_view path, LastLink last_link = LastLink::follow) const;

  /// mkdir(2), symlink(2), mknod(2). EEXIST whatever has the name; a trailing slash is for
  /// directories only, ENOENT for others.
  Result<Attributes> create(std::string_view path, const NewNode& what);

  /// link(2). A symlink as last component of `existing` is linked itself, unless told to follow.
  /// EEXIST, EXDEV across mounts, EPERM for a directory.
  Result<Attributes> create_link(std::string_view existing, std::string_view path,
                                 LastLink last_link = LastLink::keep);

  /// linkat(2) with AT_EMPTY_PATH: names an open file, which must be one of the mount that `path`
  /// is in. ENOENT for an orphan that `create_unnamed` did not make.
  Result<Attributes> create_link(const File& file, std::string_view path);

  /// rename(2), renameat2(2); atomic, and the last components are never followed. EXDEV across
  /// mounts; EBUSY for a root, a mount point, and a directory with a mount below; EEXIST
  /// (no_replace), EINVAL into its own subtree, ENOTEMPTY, EISDIR.
  Result<void> rename(std::string_view from, std::string_view to,
                      RenameMode mode = RenameMode::replace);

  /// unlink(2): EISDIR. rmdir(2): ENOTEMPTY, EINVAL for `.`, EBUSY for a root or a mount point.
  Result<void> remove(std::string_view path, RemoveKind kind);

  /// `rm -r`: a node and all below it, symlinks not followed. EBUSY, before anything is removed,
  /// for the root and where something is mounted at or below `path`. A tree in which somebody else
  /// keeps creating is ENOTEMPTY.
  Result<void> remove_all(std::string_view path);

  /// chmod, chown, truncate and utimensat; the attributes afterwards. EISDIR for the size of a
  /// directory.
  Result<Attributes> set_attributes(std::string_view path, const AttributeChanges& changes,
                                    LastLink last_link = LastLink::follow);

  /// setxattr(2); errors as WritableFileSystem::set_xattr.
  Result<void> set_xattr(std::string_view path, std::string_view name, std::string_view value,
                         XattrMode mode = XattrMode::any);
  Result<void> remove_xattr(std::string_view path, std::string_view name);

  /// syncfs(2) of the file system that `path` is in; nothing to do for a read-only one.
  Result<void> sync(std::string_view path);

 private:
  friend std::shared_ptr<WritableFileSystem> make_file_system(std::shared_ptr<Namespace> files);
  friend Result<Watch> watch(const Namespace& files, std::string_view path, WatchOptions options);
  Result<Mount> attach(std::string_view prefix, std::shared_ptr<FileSystem> file_system,
                       WritableFileSystem* writable, MountOptions options);

  std::shared_ptr<MountTable> mounts_;  ///< shared with Mount objects, which hold it weakly
};

}  // namespace seabag::vfs
