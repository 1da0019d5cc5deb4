#include "posix_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace seabag::bundler {
namespace {

vfs::FileType type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return vfs::FileType::regular;
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
    default:
      return vfs::FileType::block_device;
  }
}

vfs::Timestamp timestamp(const timespec& time) {
  return {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)};
}

FileStatus convert(const struct stat& raw) {
  return {.identity = {.device = raw.st_dev, .inode = raw.st_ino},
          .type = type_of(raw.st_mode),
          .mode = raw.st_mode & 07777U,
          .links = raw.st_nlink,
          .size = static_cast<std::uint64_t>(raw.st_size),
          .allocated = static_cast<std::uint64_t>(raw.st_blocks) * 512,
          .modified = timestamp(raw.st_mtim),
          .changed = timestamp(raw.st_ctim)};
}

template <typename Call>
auto restarted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

}  // namespace

void Descriptor::reset() noexcept {
  if (number_ >= 0) {
    ::close(number_);
    number_ = -1;
  }
}

Result<FileStatus> status_of(int descriptor, std::string_view path) {
  struct stat raw {};
  if (::fstat(descriptor, &raw) != 0) {
    return errno_error(errno, "stat", path);
  }
  return convert(raw);
}

Result<FileStatus> status_at(int directory, const char* name, std::string_view path) {
  struct stat raw {};
  if (::fstatat(directory, name, &raw, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno_error(errno, "stat", path);
  }
  return convert(raw);
}

Result<FileStatus> status_of_path(const std::string& path) {
  struct stat raw {};
  if (::stat(path.c_str(), &raw) != 0) {
    return errno_error(errno, "stat", path);
  }
  return convert(raw);
}

Result<Descriptor> open_at(int directory, const char* name, int flags, std::string_view path) {
  const int number = restarted(
      [&] { return ::openat(directory, name, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); });
  if (number < 0) {
    return errno_error(errno, "open", path);
  }
  return Descriptor(number);
}

Result<Descriptor> open_to_read(const std::string& path) {
  return open_at(AT_FDCWD, path.c_str(), O_RDONLY, path);
}

Result<std::size_t> read_at(int descriptor, std::span<std::byte> buffer, std::uint64_t offset,
                            std::string_view path) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count = restarted([&] {
      return ::pread(descriptor, buffer.data() + done, buffer.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (count < 0) {
      return errno_error(errno, "read", path);
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<std::size_t> read_next(int descriptor, std::span<std::byte> buffer, std::size_t enough,
                              std::string_view path) {
  std::size_t done = 0;
  do {
    const ssize_t count =
        restarted([&] { return ::read(descriptor, buffer.data() + done, buffer.size() - done); });
    if (count < 0) {
      return errno_error(errno, "read", path);
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  } while (done < enough);
  return done;
}

Result<void> write_at(int descriptor, std::span<const std::byte> bytes, std::uint64_t offset,
                      std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t count = restarted([&] {
      return ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (count < 0) {
      return errno_error(errno, "write", path);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void> resize(int descriptor, std::uint64_t size, std::string_view path) {
  if (restarted([&] { return ::ftruncate(descriptor, static_cast<off_t>(size)); }) != 0) {
    return errno_error(errno, "resize", path);
  }
  return {};
}

Result<DataRun> next_data(int descriptor, std::uint64_t offset, std::uint64_t size,
                          std::string_view path) {
  const off_t begin = ::lseek(descriptor, static_cast<off_t>(offset), SEEK_DATA);
  if (begin < 0) {
    if (errno == ENXIO) {
      return DataRun{.begin = size, .end = size};
    }
    if (errno == EINVAL) {
      return DataRun{.begin = offset, .end = size};
    }
    return errno_error(errno, "lseek", path);
  }
  const off_t end = ::lseek(descriptor, begin, SEEK_HOLE);
  if (end < 0) {
    return errno_error(errno, "lseek", path);
  }
  return DataRun{.begin = std::min(static_cast<std::uint64_t>(begin), size),
                 .end = std::min(static_cast<std::uint64_t>(end), size)};
}

Result<Descriptor> open_scratch(const std::string& directory) {
  int number = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (number >= 0) {
    return Descriptor(number);
  }
  // Not every file system has O_TMPFILE; a name that goes at once does the same.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
    return errno_error(errno, "open", directory);
  }
  std::string name = directory + "/.seabag-XXXXXX";
  number = ::mkostemp(name.data(), O_CLOEXEC);
  if (number < 0) {
    return errno_error(errno, "open", directory);
  }
  ::unlink(name.c_str());
  return Descriptor(number);
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return ".";
  }
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace seabag::bundler
