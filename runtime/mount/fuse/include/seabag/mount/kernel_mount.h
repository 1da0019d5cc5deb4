#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/mount.h"
#include "seabag/vfs/observed.h"
#include "seabag/vfs/result.h"

/// How programs that know nothing of Seabag see a file system: as a directory of the machine.
namespace seabag::mount {

class Session;

/// Who changes the file system while it is mounted.
enum class Changes : std::uint8_t {
  /// Nobody but this mount, and the ObservedFileSystem that it was given: the kernel caches without
  /// limit.
  by_mount,
  /// Others too, unannounced (a real directory): the kernel asks again after a second, and whenever
  /// a file is opened.
  by_others,
  /// The same, and what they do must show at once (a namespace that a program goes on using): the
  /// kernel asks every time.
  by_others_at_once,
};

struct KernelMountOptions {
  /// Shown as the device by mount(8) and df(1).
  std::string source = "seabag";
  vfs::MountAccess access = vfs::MountAccess::full;
  /// Of no meaning for an immutable file system: it is cached without limit.
  Changes changes = Changes::by_mount;
  /// Threads that answer the kernel; 0: twice the processors, at least 4.
  unsigned threads = 0;
};

/// A file system mounted at a directory of this machine, by FUSE, for as long as this object lives.
///
///   auto files = providers::make_memory_file_system();
///   auto mount = SEABAG_TRY(mount::KernelMount::mount("/mnt/scratch", std::move(files)));
///
/// Node numbers are the provider's own. Permissions are checked by the kernel. Mounted by root it
/// is open to every user, with setuid and device files in force, and what is created belongs to its
/// creator; mounted by somebody else (through fusermount3 of Debian's package fuse3, or in a user
/// namespace of their own) it is theirs alone. It is no security boundary.
///
/// No mount is left behind: a small process of its own unmounts when this one is killed. Files that
/// are open when the mount ends answer ENOTCONN from then on. Move-only; one thread at a time. Must
/// not be destroyed while the process itself waits for the mount with a lock in hand.
class KernelMount {
 public:
  /// Mounts at an existing directory and hides what is in it. Returns when the mount works. Errors,
  /// all with the directory's path and a remedy: ENOENT, ENOTDIR, EACCES, EPERM (neither privileged
  /// nor fusermount3), ENODEV (no /dev/fuse), EINVAL (no file system).
  template <std::derived_from<vfs::FileSystem> T>
  [[nodiscard]] static Result<KernelMount> mount(const std::string& directory,
                                                 std::shared_ptr<T> files,
                                                 const KernelMountOptions& options = {}) {
    vfs::WritableFileSystem* writable = nullptr;
    if constexpr (std::is_base_of_v<vfs::WritableFileSystem, T>) {
      writable = files.get();
    }
    return attach(directory, std::move(files), writable, options);
  }
  template <std::derived_from<vfs::FileSystem> T>
  [[nodiscard]] static Result<KernelMount> mount(const std::string& directory,
                                                 std::unique_ptr<T> files,
                                                 const KernelMountOptions& options = {}) {
    return mount(directory, std::shared_ptr<T>(std::move(files)), options);
  }

  /// The same for a file system that the program changes too, while it is mounted: each change
  /// through `files` is visible through the mount when the call that makes it returns. Such a call
  /// waits for requests to the same nodes, so it must not be made with a lock that answering them
  /// needs. Watches and other observers of `files` are told what is done through the mount.
  [[nodiscard]] static Result<KernelMount> mount(
      const std::string& directory, const std::shared_ptr<vfs::ObservedFileSystem>& files,
      const KernelMountOptions& options = {});

  KernelMount(KernelMount&& other) noexcept;
  KernelMount& operator=(KernelMount&& other) noexcept;
  /// Unmounts.
  ~KernelMount();

  /// Takes the directory back at once, also while files are open in it, and waits for the requests
  /// under way. No effect when it has ended already. Errors of umount2(2); the mount is dead then.
  Result<void> unmount();

  /// Waits until the mount has ended: by `unmount` of another thread or by umount(8).
  void wait() const;

  /// A descriptor that polls readable once the mount has ended. Valid as long as this object.
  [[nodiscard]] int end_descriptor() const;

  /// The directory: absolute, without symlinks. Valid as long as this object.
  [[nodiscard]] const std::string& directory() const;

 private:
  explicit KernelMount(std::unique_ptr<Session> session);
  static Result<KernelMount> attach(const std::string& directory,
                                    std::shared_ptr<vfs::FileSystem> files,
                                    vfs::WritableFileSystem* writable,
                                    const KernelMountOptions& options);

  std::unique_ptr<Session> session_;
};

/// Unmounts whatever FUSE file system is mounted at `directory`, also one of another process, whose
/// mount ends by it. EINVAL when none is, EPERM when it belongs to somebody else.
Result<void> unmount(const std::string& directory);

}  // namespace seabag::mount
