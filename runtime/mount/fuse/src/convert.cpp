#include "convert.h"

#include <array>
#include <cerrno>
#include <utility>

namespace seabag::mount {

namespace {

constexpr std::array<std::pair<vfs::FileType, mode_t>, 7> kTypes{{
    {vfs::FileType::regular, S_IFREG},
    {vfs::FileType::directory, S_IFDIR},
    {vfs::FileType::symlink, S_IFLNK},
    {vfs::FileType::fifo, S_IFIFO},
    {vfs::FileType::socket, S_IFSOCK},
    {vfs::FileType::character_device, S_IFCHR},
    {vfs::FileType::block_device, S_IFBLK},
}};

timespec to_timespec(const vfs::Timestamp& time) {
  return {.tv_sec = time.seconds, .tv_nsec = static_cast<long>(time.nanoseconds)};
}

}  // namespace

mode_t file_type_bits(vfs::FileType type) {
  for (const auto& [candidate, bits] : kTypes) {
    if (candidate == type) {
      return bits;
    }
  }
  return S_IFREG;
}

Result<vfs::FileType> file_type_of(mode_t mode) {
  const mode_t wanted = (mode & S_IFMT) == 0 ? mode_t{S_IFREG} : mode & S_IFMT;
  for (const auto& [type, bits] : kTypes) {
    if (bits == wanted) {
      return type;
    }
  }
  return make_error(std::errc::invalid_argument, "mknod");
}

struct stat to_stat(const vfs::Attributes& attributes) {
  struct stat status {};
  status.st_ino = attributes.inode;
  status.st_mode = file_type_bits(attributes.type) | (attributes.mode & 07777U);
  status.st_nlink = attributes.links;
  status.st_uid = attributes.uid;
  status.st_gid = attributes.gid;
  status.st_rdev = attributes.device;
  status.st_size = static_cast<off_t>(attributes.size);
  status.st_blksize = static_cast<blksize_t>(attributes.block_size);
  status.st_blocks = static_cast<blkcnt_t>(attributes.blocks);
  status.st_atim = to_timespec(attributes.accessed);
  status.st_mtim = to_timespec(attributes.modified);
  status.st_ctim = to_timespec(attributes.changed);
  return status;
}

int errno_of(const Error& error) {
  const bool is_errno = error.code.category() == std::generic_category() ||
                        error.code.category() == std::system_category();
  return is_errno && error.code.value() > 0 ? error.code.value() : EIO;
}

}  // namespace seabag::mount
