#include "posix_storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace seabag::providers {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);

/// A descriptor that is closed at the end of scope.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<StorageKind> inspect_storage(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return StorageKind::missing;
    }
    return errno_error(errno, "open");
  }
  if (S_ISDIR(status.st_mode)) {
    return make_error(std::errc::is_a_directory, "open");
  }
  if (!S_ISREG(status.st_mode)) {
    return make_error(std::errc::invalid_argument, "open", {}, "not a regular file");
  }
  const Descriptor file(path, O_RDONLY);
  std::array<char, kMagic.size()> start{};
  const ssize_t count = ::pread(file.number(), start.data(), start.size(), 0);
  if (count < 0) {
    return errno_error(errno, "open");
  }
  if (count == 0) {
    return StorageKind::empty;
  }
  const std::string_view found(start.data(), static_cast<std::size_t>(count));
  return found == kMagic ? StorageKind::database : StorageKind::other;
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) {
    return errno_error(errno, "statfs");
  }
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Result<void> LogFile::open_log() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0) {
    return errno_error(errno, "fsync");
  }
  const Descriptor directory(parent_of(path_), O_RDONLY | O_DIRECTORY);
  if (directory.number() < 0 || ::fsync(directory.number()) != 0) {
    return errno_error(errno, "fsync");
  }
  return {};
}

Result<void> LogFile::sync() {
  if (descriptor_ < 0) {
    SEABAG_TRY(open_log());
  }
  if (::fdatasync(descriptor_) != 0) {
    return errno_error(errno, "fsync");
  }
  return {};
}

}  // namespace seabag::providers
