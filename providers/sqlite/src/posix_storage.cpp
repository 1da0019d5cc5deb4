#include "posix_storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace seabag::providers {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// fsync(2) of a directory, so that a new name in it is there after a power failure.
Result<void> sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    return errno_error(errno, "open");
  }
  const int code = ::fsync(directory);
  const int number = errno;
  ::close(directory);
  // Some file systems cannot do this to a directory, and need not.
  return code == 0 || number == EINVAL ? Result<void>() : errno_error(number, "open");
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
  return status.st_size == 0 ? StorageKind::empty : StorageKind::file;
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) {
    return errno_error(errno, "statfs");
  }
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

bool wait_for_turn(int round) {
  constexpr std::int64_t kFirst = 50'000;
  constexpr std::int64_t kLongest = 2'000'000;
  constexpr int kMostRounds = 5'000;  // of 2 ms
  if (round >= kMostRounds) {
    return false;
  }
  const timespec pause{.tv_sec = 0, .tv_nsec = std::min(kFirst * (round + 1), kLongest)};
  ::nanosleep(&pause, nullptr);  // waking early is fine: whoever waits looks again
  return true;
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Result<void> LogFile::open() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0) {
    return errno_error(errno, "open");
  }
  return sync_directory(parent_of(path_));
}

Result<void> LogFile::sync() {
  if (::fdatasync(descriptor_) != 0) {
    return errno_error(errno, "fsync");
  }
  return {};
}

}  // namespace seabag::providers
