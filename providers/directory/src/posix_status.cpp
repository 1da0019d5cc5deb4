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

Result<Status> status(int at, const char* name, int flags, const char* operation) {
  struct statx seen = {};
  if (::statx(at, name, flags | AT_NO_AUTOMOUNT, kWanted, &seen) != 0) {
    return errno_error(errno, operation);
  }
  Status answer;
  vfs::Attributes& attributes = answer.attributes;
  attributes.type = type_of(seen.stx_mode);
  attributes.mode = seen.stx_mode & 07777U;
  attributes.uid = seen.stx_uid;
  attributes.gid = seen.stx_gid;
  attributes.links = seen.stx_nlink;
  attributes.size = seen.stx_size;
  attributes.blocks = seen.stx_blocks;
  attributes.block_size = seen.stx_blksize;
  if (attributes.type == vfs::FileType::character_device ||
      attributes.type == vfs::FileType::block_device) {
    attributes.device = ::makedev(seen.stx_rdev_major, seen.stx_rdev_minor);
  }
  attributes.inode = seen.stx_ino;
  attributes.accessed = timestamp(seen.stx_atime);
  attributes.modified = timestamp(seen.stx_mtime);
  attributes.changed = timestamp(seen.stx_ctime);
  if ((seen.stx_mask & STATX_BTIME) != 0) {
    attributes.created = timestamp(seen.stx_btime);
  }
  answer.file_system = ::makedev(seen.stx_dev_major, seen.stx_dev_minor);
  if ((seen.stx_mask & STATX_MNT_ID) != 0) {
    answer.mount = seen.stx_mnt_id;
  }
  return answer;
}

}  // namespace

Result<Status> status_of(int descriptor, const char* operation) {
  return status(descriptor, "", AT_EMPTY_PATH, operation);
}

Result<Status> status_at(int directory, const char* name, const char* operation) {
  return status(directory, name, AT_SYMLINK_NOFOLLOW, operation);
}

}  // namespace seabag::providers
