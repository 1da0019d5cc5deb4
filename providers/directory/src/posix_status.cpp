#include "posix_status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace seabag::providers {
namespace {

constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;

vfs::FileType type_of(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return vfs::FileType::directory;
    case S_IFLNK:
      return vfs::FileType::symlink;
    case S_IFIFO:
      return vfs::FileType::fifo;
    case S_IFSOCK:
      return vfs::FileType::socket;
    case S_IFCHR:
      return vfs::FileType::character_device;
    case S_IFBLK:
      return vfs::FileType::block_device;
    default:
      return vfs::FileType::regular;
  }
}

vfs::Timestamp timestamp(const struct statx_timestamp& time) {
  return {.seconds = time.tv_sec, .nanoseconds = time.tv_nsec};
}

std::uint64_t device_of(const struct statx& seen, vfs::FileType type) {
  const bool is_device =
      type == vfs::FileType::character_device || type == vfs::FileType::block_device;
  return is_device ? ::makedev(seen.stx_rdev_major, seen.stx_rdev_minor) : 0;
}

/// Member by member, without clearing first: a part of every lookup and open.
Status told_by(const struct statx& seen) {
  const vfs::FileType type = type_of(seen.stx_mode);
  const bool has_birth = (seen.stx_mask & STATX_BTIME) != 0;
  const bool has_mount = (seen.stx_mask & STATX_MNT_ID) != 0;
  return {.attributes = {.type = type,
                         .mode = seen.stx_mode & 07777U,
                         .uid = seen.stx_uid,
                         .gid = seen.stx_gid,
                         .links = seen.stx_nlink,
                         .size = seen.stx_size,
                         .blocks = seen.stx_blocks,
                         .block_size = seen.stx_blksize,
                         .device = device_of(seen, type),
                         .inode = seen.stx_ino,
                         .accessed = timestamp(seen.stx_atime),
                         .modified = timestamp(seen.stx_mtime),
                         .changed = timestamp(seen.stx_ctime),
                         .created = has_birth ? timestamp(seen.stx_btime) : vfs::Timestamp()},
          .file_system = ::makedev(seen.stx_dev_major, seen.stx_dev_minor),
          .mount = has_mount ? seen.stx_mnt_id : 0};
}

Result<Status> status(int at, const char* name, int flags, const char* operation) {
  struct statx seen;  // filled by the kernel
  if (::statx(at, name, flags | AT_NO_AUTOMOUNT, kWanted, &seen) != 0) {
    return errno_error(errno, operation);
  }
  return told_by(seen);
}

}  // namespace

Result<Status> status_of(int descriptor, const char* operation) {
  return status(descriptor, "", AT_EMPTY_PATH, operation);
}

Result<Status> status_at(int directory, const char* name, const char* operation) {
  return status(directory, name, AT_SYMLINK_NOFOLLOW, operation);
}

}  // namespace seabag::providers
