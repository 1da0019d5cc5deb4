#include "attachment.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <utility>

#include "mount_helper.h"

namespace seabag::mount {

namespace {

constexpr const char* kOperation = "mount";
constexpr const char* kDeviceFile = "/dev/fuse";

Error no_fuse(int number, const std::string& directory) {
  if (number == EACCES || number == EPERM) {
    return make_error(std::errc::permission_denied, kOperation, directory,
                      "/dev/fuse may not be opened: as root, chmod 666 /dev/fuse");
  }
  return make_error(std::errc::no_such_device, kOperation, directory,
                    "no /dev/fuse here: load the kernel's module with modprobe fuse, or start the "
                    "container with --device /dev/fuse --cap-add SYS_ADMIN");
}

// Options are separated by commas, which the source's name must not do.
std::string option_text(int connection, bool is_for_all) {
  std::string text = "fd=" + std::to_string(connection) +
                     ",rootmode=40000,user_id=" + std::to_string(geteuid()) +
                     ",group_id=" + std::to_string(getegid()) + ",default_permissions";
  return is_for_all ? text + ",allow_other" : text;
}

// 0 or the errno of mount(2). setuid and device files are in force: no MS_NOSUID, no MS_NODEV.
int mount_directly(const std::string& directory, int connection, const AttachOptions& options) {
  const unsigned long flags = options.is_read_only ? MS_RDONLY : 0;
  const std::string text = option_text(connection, true);
  const int failed =
      ::mount(options.source.c_str(), directory.c_str(), "fuse.seabag", flags, text.c_str());
  return failed == 0 ? 0 : errno;
}

Result<void> make_non_blocking(int connection) {
  const int flags = fcntl(connection, F_GETFL);
  if (flags < 0 || fcntl(connection, F_SETFL, flags | O_NONBLOCK) != 0) {
    return errno_error(errno, "fcntl");
  }
  return {};
}

Result<Attachment> attach_directly(const MountPoint& point, const AttachOptions& options,
                                   int& number) {
  net::Descriptor connection(open(kDeviceFile, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!connection.is_open()) {
    number = errno;
    return no_fuse(number, point.given);
  }
  number = mount_directly(point.directory, connection.get(), options);
  if (number != 0) {
    return errno_error(number, kOperation, point.given);
  }
  return Attachment{.connection = std::move(connection),
                    .directory = point.directory,
                    .way = MountWay::direct,
                    .device = SEABAG_TRY(device_at(point.directory.c_str()))};
}

}  // namespace

Result<MountDevice> device_at(const char* directory) {
  struct statx status {};
  if (statx(AT_FDCWD, directory, AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0,
            &status) != 0) {
    return errno_error(errno, "statx", directory);
  }
  return MountDevice{.major = status.stx_dev_major, .minor = status.stx_dev_minor};
}

Result<MountPoint> find_mount_point(const std::string& directory) {
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(directory.c_str(), nullptr),
                                                         &std::free);
  if (path == nullptr) {
    const int number = errno;
    Error error = errno_error(number, kOperation, directory);
    if (number == ENOTCONN) {
      error.detail = "a dead mount is in the way: seabag umount takes it off";
    }
    return error;
  }
  struct stat status {};
  if (stat(path.get(), &status) != 0) {
    return errno_error(errno, kOperation, directory);
  }
  if (!S_ISDIR(status.st_mode)) {
    return make_error(std::errc::not_a_directory, kOperation, directory);
  }
  return MountPoint{
      .given = directory, .directory = path.get(), .before = SEABAG_TRY(device_at(path.get()))};
}

Result<Attachment> attach(const MountPoint& point, const AttachOptions& options) {
  int number = 0;
  auto attached = attach_directly(point, options, number);
  if (attached || (number != EPERM && number != EACCES)) {
    return attached;
  }
  net::Descriptor connection = SEABAG_TRY(mount_by_helper({.directory = point.directory,
                                                           .source = options.source,
                                                           .is_read_only = options.is_read_only}));
  SEABAG_TRY(make_non_blocking(connection.get()));
  return Attachment{.connection = std::move(connection),
                    .directory = point.directory,
                    .way = MountWay::helper,
                    .device = SEABAG_TRY(device_at(point.directory.c_str()))};
}

Result<void> detach(const std::string& directory, MountWay way) {
  if (way == MountWay::helper) {
    return unmount_by_helper(directory);
  }
  if (umount2(directory.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) {
    return errno_error(errno, "umount", directory);
  }
  return {};
}

}  // namespace seabag::mount
