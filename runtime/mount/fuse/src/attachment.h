#pragma once

#include <cstdint>
#include <string>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::mount {

/// How the kernel was asked to mount, and is to be asked to unmount.
enum class MountWay : std::uint8_t {
  direct,  ///< mount(2): root, or the owner of a user namespace
  helper,  ///< fusermount3, which is setuid root
};

/// What tells one mount from another at the same place: its st_dev, in two parts as statx(2) has
/// it. It needs no answer from the file system, which may be dead.
struct MountDevice {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;

  friend bool operator==(const MountDevice&, const MountDevice&) = default;
};

/// A directory to mount at, before anything is mounted there.
struct MountPoint {
  std::string given;      ///< as the caller calls it: for errors
  std::string directory;  ///< absolute, without symlinks
  MountDevice before;     ///< what lies there
};

/// Errors: ENOENT, ENOTDIR, EACCES, ENOTCONN.
[[nodiscard]] Result<MountPoint> find_mount_point(const std::string& directory);

struct AttachOptions {
  std::string source;
  bool is_read_only = false;
};

/// A mount that nobody answers yet.
struct Attachment {
  net::Descriptor connection;  ///< of /dev/fuse, non-blocking
  std::string directory;       ///< absolute, without symlinks
  MountWay way = MountWay::direct;
  MountDevice device;
};

/// Mounts. Errors as KernelMount::mount.
[[nodiscard]] Result<Attachment> attach(const MountPoint& point, const AttachOptions& options);

/// What is mounted at, or lies at, an absolute path.
[[nodiscard]] Result<MountDevice> device_at(const char* directory);

/// Unmounts lazily what is at `directory`. For a path without symlinks.
Result<void> detach(const std::string& directory, MountWay way);

}  // namespace seabag::mount
