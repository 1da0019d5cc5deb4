#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "seabag/mount/kernel_mount.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"
#include "support/temp_dir.h"

namespace seabag::testing {

/// Whether this machine lets this process mount; says once a test why not, so that it is skipped
/// with a reason.
[[nodiscard]] bool can_mount();

/// An empty file system in memory whose root belongs to whoever runs the test, root or not.
[[nodiscard]] std::unique_ptr<vfs::WritableFileSystem> make_own_memory();

/// A directory with a file system mounted on it, both gone at the end of scope. Fails the test when
/// it cannot be mounted: ask `can_mount` first.
class MountedDirectory {
 public:
  template <typename FileSystemPointer>
  explicit MountedDirectory(FileSystemPointer files, const mount::KernelMountOptions& options = {})
      : mount_(value_of(
            mount::KernelMount::mount(directory_.path().string(), std::move(files), options))) {}

  [[nodiscard]] std::string path() const { return directory_.path().string(); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path() + "/" + name; }
  [[nodiscard]] mount::KernelMount& mount() { return mount_; }

 private:
  static mount::KernelMount value_of(Result<mount::KernelMount> mounted);

  TempDir directory_;
  mount::KernelMount mount_;
};

/// Whether something is mounted at this very directory.
[[nodiscard]] bool is_mount_point(const std::string& directory);

/// Return when it is so; the table of mounts says when it changes.
void wait_until_mounted(const std::string& directory);
void wait_until_unmounted(const std::string& directory);

}  // namespace seabag::testing
