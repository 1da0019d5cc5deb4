#include "posix_object.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "posix_status.h"

namespace seabag::providers {
namespace {

/// fchmodat2(2), since Linux 6.6; one number on every architecture.
constexpr long kFchmodat2 = 452;

/// The directory of our own descriptors; opened anew each time: a process that forked has another.
class MagicLink {
 public:
  explicit MagicLink(int object)
      : directory_(::open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    const auto end = std::to_chars(name_.data(), name_.data() + name_.size() - 1, object);
    *end.ptr = '\0';
    struct statfs about = {};
    exists_ = directory_.is_open() && ::fstatfs(directory_.get(), &about) == 0 &&
              about.f_type == PROC_SUPER_MAGIC;
  }

  [[nodiscard]] bool exists() const { return exists_; }
  [[nodiscard]] int directory() const { return directory_.get(); }
  [[nodiscard]] const char* name() const { return name_.data(); }

 private:
  Descriptor directory_;
  std::array<char, 16> name_{};
  bool exists_ = false;
};

Result<void> answer_of(int answer, const char* operation) {
  if (answer != 0) {
    return errno_error(errno, operation);
  }
  return {};
}

/// Runs `call(directory, name, flags)` through the magic link.
template <typename Call>
Result<void> through_link(int object, const char* operation, Call call) {
  const MagicLink link(object);
  if (!link.exists()) {
    return errno_error(EOPNOTSUPP, operation);
  }
  return answer_of(call(link.directory(), link.name()), operation);
}

struct timespec new_time(const std::optional<vfs::NewTime>& time) {
  if (!time) {
    return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  }
  if (!time->moment) {
    return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
  }
  return {.tv_sec = time->moment->seconds, .tv_nsec = time->moment->nanoseconds};
}

}  // namespace

Result<void> set_mode(int object, std::uint32_t mode, const char* operation) {
  if (::fchmod(object, mode) == 0) {
    return {};
  }
  if (errno != EBADF) {
    return errno_error(errno, operation);
  }
  // An O_PATH descriptor.
  if (::syscall(kFchmodat2, object, "", mode, AT_EMPTY_PATH) == 0) {
    return {};
  }
  // A filter that does not know the call says EPERM; if that was meant, it comes again.
  if (errno != ENOSYS && errno != EPERM) {
    return errno_error(errno, operation);
  }
  const Descriptor directory(::openat(object, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open()) {
    return answer_of(::fchmod(directory.get(), mode), operation);
  }
  return through_link(object, operation, [&](int link_directory, const char* name) {
    return ::fchmodat(link_directory, name, mode, 0);
  });
}

Result<void> set_owner(int object, std::optional<std::uint32_t> uid,
                       std::optional<std::uint32_t> gid, const char* operation) {
  constexpr auto kUnchanged = ~std::uint32_t{0};
  return answer_of(::fchownat(object, "", uid.value_or(kUnchanged), gid.value_or(kUnchanged),
                              AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW),
                   operation);
}

Result<void> set_times(int object, const std::optional<vfs::NewTime>& accessed,
                       const std::optional<vfs::NewTime>& modified, const char* operation) {
  const std::array<struct timespec, 2> times = {new_time(accessed), new_time(modified)};
  if (::futimens(object, times.data()) == 0) {
    return {};
  }
  if (errno != EBADF) {
    return errno_error(errno, operation);
  }
  // An O_PATH descriptor; kernels before 5.8 say EINVAL to AT_EMPTY_PATH.
  if (::utimensat(object, "", times.data(), AT_EMPTY_PATH) == 0) {
    return {};
  }
  if (errno != EINVAL) {
    return errno_error(errno, operation);
  }
  return through_link(object, operation, [&](int directory, const char* name) {
    return ::utimensat(directory, name, times.data(), 0);
  });
}

Result<void> set_size(int file, std::uint64_t size, const char* operation) {
  if (size > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) {
    return errno_error(EFBIG, operation);
  }
  const int answer = uninterrupted([&] { return ::ftruncate(file, static_cast<off_t>(size)); });
  // EINVAL: more than this file system can hold.
  return answer != 0 ? errno_error(errno == EINVAL ? EFBIG : errno, operation) : Result<void>();
}

Result<void> give_name(int object, int directory, const char* name, const char* operation) {
  if (::linkat(object, "", directory, name, AT_EMPTY_PATH) == 0) {
    return {};
  }
  // ENOENT: the process may not use AT_EMPTY_PATH (CAP_DAC_READ_SEARCH, before Linux 6.10).
  if (errno != ENOENT) {
    return errno_error(errno, operation);
  }
  return through_link(object, operation, [&](int link_directory, const char* link_name) {
    return ::linkat(link_directory, link_name, directory, name, AT_SYMLINK_FOLLOW);
  });
}

Result<Descriptor> reopen(int object, int flags, const char* operation) {
  const MagicLink link(object);
  if (!link.exists()) {
    return errno_error(EOPNOTSUPP, operation);
  }
  Descriptor opened(::openat(link.directory(), link.name(), flags | O_NONBLOCK | O_CLOEXEC));
  if (!opened.is_open()) {
    return errno_error(errno, operation);
  }
  return opened;
}

Result<int> add_watch(int inotify, int object, std::uint32_t mask, const char* operation) {
  const MagicLink link(object);
  if (!link.exists()) {
    return errno_error(EOPNOTSUPP, operation);
  }
  // There is no inotify call that takes a directory: the name is that of the checked procfs.
  const std::string path = std::string("/proc/self/fd/") + link.name();
  const int watch = ::inotify_add_watch(inotify, path.c_str(), mask);
  if (watch < 0 && errno == ENOSPC) {
    return make_error(std::errc::no_space_on_device, operation, {},
                      "the user has no inotify watches left: raise fs.inotify.max_user_watches");
  }
  if (watch < 0) {
    return errno_error(errno, operation);
  }
  return watch;
}

}  // namespace seabag::providers
