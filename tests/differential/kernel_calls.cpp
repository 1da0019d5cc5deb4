#include "kernel_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace seabag::testing {
namespace {

using vfs::FileType;

struct Format {
  mode_t bits;
  unsigned char entry_type;
  FileType type;
};
constexpr std::array kFormats{
    Format{S_IFREG, DT_REG, FileType::regular},
    Format{S_IFDIR, DT_DIR, FileType::directory},
    Format{S_IFLNK, DT_LNK, FileType::symlink},
    Format{S_IFIFO, DT_FIFO, FileType::fifo},
    Format{S_IFSOCK, DT_SOCK, FileType::socket},
    Format{S_IFCHR, DT_CHR, FileType::character_device},
    Format{S_IFBLK, DT_BLK, FileType::block_device},
};

vfs::Timestamp timestamp(const timespec& time) {
  return {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)};
}

Outcome get_xattr(const Operation& operation) {
  const bool is_kept = operation.last_link == vfs::LastLink::keep;
  Outcome outcome{.bytes = std::string(vfs::kMaxPathLength * 16, '\0')};
  const auto get = is_kept ? ::lgetxattr : ::getxattr;
  const ssize_t size = get(operation.path.c_str(), operation.other.c_str(), outcome.bytes.data(),
                           outcome.bytes.size());
  outcome.error = size < 0 ? errno : 0;
  outcome.bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return outcome;
}

Outcome list_xattrs(const Operation& operation) {
  const bool is_kept = operation.last_link == vfs::LastLink::keep;
  std::string names(std::size_t{65536}, '\0');
  const auto list = is_kept ? ::llistxattr : ::listxattr;
  const ssize_t size = list(operation.path.c_str(), names.data(), names.size());
  if (size < 0) {
    return {.error = errno};
  }
  Outcome outcome;
  std::string_view rest(names.data(), static_cast<std::size_t>(size));
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find('\0'));
    if (name.starts_with("user.")) {
      outcome.entries.push_back({.name = std::string(name)});
    }
    rest.remove_prefix(name.size() + 1);
  }
  std::ranges::sort(outcome.entries, {}, &vfs::DirectoryEntry::name);
  return outcome;
}

}  // namespace

vfs::Attributes attributes_from(const struct stat& status) {
  const auto format = std::ranges::find(kFormats, status.st_mode & S_IFMT, &Format::bits);
  return {.node = vfs::NodeId{status.st_ino},
          .type = format->type,
          .mode = status.st_mode & 07777U,
          .uid = status.st_uid,
          .gid = status.st_gid,
          .links = status.st_nlink,
          .size = static_cast<std::uint64_t>(status.st_size),
          .blocks = static_cast<std::uint64_t>(status.st_blocks),
          .device = status.st_rdev,
          .inode = status.st_ino,
          .accessed = timestamp(status.st_atim),
          .modified = timestamp(status.st_mtim),
          .changed = timestamp(status.st_ctim)};
}

mode_t format_of(FileType type) { return std::ranges::find(kFormats, type, &Format::type)->bits; }

timespec timespec_of(const std::optional<vfs::NewTime>& time) {
  if (!time) {
    return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  }
  if (!time->moment) {
    return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
  }
  return {.tv_sec = time->moment->seconds, .tv_nsec = time->moment->nanoseconds};
}

Outcome list_directory(const char* path) {
  const int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const directory = descriptor < 0 ? nullptr : fdopendir(descriptor);
  if (directory == nullptr) {
    return {.error = errno};
  }
  Outcome outcome;
  while (const dirent* row = readdir(directory)) {
    const std::string_view name = static_cast<const char*>(row->d_name);
    if (name != "." && name != "..") {
      const auto format = std::ranges::find(kFormats, row->d_type, &Format::entry_type);
      outcome.entries.push_back(
          {.name = std::string(name), .inode = row->d_ino, .type = format->type});
    }
  }
  closedir(directory);
  std::ranges::sort(outcome.entries, {}, &vfs::DirectoryEntry::name);
  return outcome;
}

Outcome xattr_call(const Operation& operation) {
  constexpr std::array<int, 3> kFlags{0, XATTR_CREATE, XATTR_REPLACE};
  const char* path = operation.path.c_str();
  const char* name = operation.other.c_str();
  int result = 0;
  if (operation.act == Act::get_xattr) {
    return get_xattr(operation);
  }
  if (operation.act == Act::list_xattrs) {
    return list_xattrs(operation);
  }
  if (operation.act == Act::remove_xattr) {
    result = removexattr(path, name);
  } else {
    const std::string value = content_of(operation);
    result = setxattr(path, name, value.data(), value.size(),
                      kFlags.at(static_cast<std::size_t>(operation.xattr)));
  }
  return {.error = result != 0 ? errno : 0};
}

int allocate_range(const Operation& operation, int descriptor) {
  const auto offset = static_cast<off_t>(operation.offset);
  const auto length = static_cast<off_t>(operation.length);
  constexpr int kHole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  switch (operation.allocate) {
    case vfs::AllocateMode::extend:
      return fallocate(descriptor, 0, offset, length);
    case vfs::AllocateMode::keep_size:
      return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
    case vfs::AllocateMode::punch_hole:
      return fallocate(descriptor, kHole, offset, length);
    default:
      return fallocate(descriptor, kHole, offset, length) == 0
                 ? fallocate(descriptor, 0, offset, length)
                 : -1;
  }
}

void enter_root(int directory) {
  if (fchdir(directory) != 0 || chroot(".") != 0) {
    std::perror("cannot change the root directory");
    std::exit(2);
  }
}

}  // namespace seabag::testing
