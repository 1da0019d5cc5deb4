// Calls that change attributes: chmod(2), chown(2), utimensat(2), truncate(2), setxattr(2).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include <algorithm>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

constexpr std::size_t kMostXattrName = 255;
constexpr std::size_t kMostXattrValue = 64 * 1024;

bool asks_for_descriptor(const char* path, int flags) {
  return path == nullptr || (path[0] == '\0' && (flags & AT_EMPTY_PATH) != 0);
}

std::uint32_t follow_of(int flags) { return (flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : kFollow; }

// `prepare` fills the request, `native` goes to a real path.
template <typename Prepare, typename Native>
int change(Operation operation, int directory, const char* path, int flags, Prepare prepare,
           Native native) {
  if (is_outside(directory, path)) {
    return native(directory, path);
  }
  Errand errand(operation);
  if (!errand.take(directory, path)) {
    return native(directory, path);
  }
  errand.request().flags = follow_of(flags);
  prepare(errand.request());
  const Ending ending = errand.run();
  return ending == Ending::real ? native(AT_FDCWD, errand.real_path()) : errand.result(ending);
}

int change_mode(int directory, const char* path, mode_t mode, int flags) {
  return change(
      Operation::change_mode, directory, path, flags,
      [&](Request& request) { request.mode = mode; },
      [&](int at, const char* where) { return SEABAG_NATIVE(fchmodat)(at, where, mode, flags); });
}

int change_owner(int directory, const char* path, uid_t user, gid_t group, int flags) {
  if (asks_for_descriptor(path, flags)) {
    return fchown(directory, user, group);
  }
  return change(
      Operation::change_owner, directory, path, flags,
      [&](Request& request) {
        request.uid = user;
        request.gid = group;
      },
      [&](int at, const char* where) {
        return SEABAG_NATIVE(fchownat)(at, where, user, group, flags);
      });
}

int change_times(int directory, const char* path, const timespec* times, int flags) {
  int result = 0;
  if (asks_for_descriptor(path, flags)) {
    return change_descriptor_times(directory, times, result)
               ? result
               : SEABAG_NATIVE(utimensat)(directory, path, times, flags);
  }
  return change(
      Operation::change_times, directory, path, flags,
      [&](Request& request) {
        const timespec now{.tv_sec = 0, .tv_nsec = UTIME_NOW};
        for (std::size_t each = 0; each < 2; ++each) {
          const timespec& time = times == nullptr ? now : times[each];
          request.times[each] = {.seconds = time.tv_sec, .nanoseconds = time.tv_nsec};
        }
      },
      [&](int at, const char* where) { return SEABAG_NATIVE(utimensat)(at, where, times, flags); });
}

int change_times(int directory, const char* path, const timeval* times, int flags) {
  if (times == nullptr) {
    return change_times(directory, path, static_cast<const timespec*>(nullptr), flags);
  }
  const std::array<timespec, 2> precise = {
      timespec{.tv_sec = times[0].tv_sec, .tv_nsec = times[0].tv_usec * 1000},
      timespec{.tv_sec = times[1].tv_sec, .tv_nsec = times[1].tv_usec * 1000}};
  return change_times(directory, path, precise.data(), flags);
}

int change_size(const char* path, off_t size) {
  if (size < 0) {
    errno = EINVAL;
    return -1;
  }
  return change(
      Operation::change_size, AT_FDCWD, path, 0,
      [&](Request& request) { request.number = static_cast<std::uint64_t>(size); },
      [&](int, const char* where) { return SEABAG_NATIVE(truncate)(where, size); });
}

// What a caller has room for; of size 0 when the length alone is asked for.
struct Room {
  void* bytes = nullptr;
  std::size_t size = 0;
};

// A file that is closed when it has been used.
class File {
 public:
  explicit File(int number) : number_(number) {}
  ~File() {
    if (number_ >= 0) {
      raw::close(number_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int get() const { return number_; }

 private:
  int number_;
};

ssize_t failed(long number) {
  errno = static_cast<int>(-number);
  return -1;
}

ssize_t copy_out(Errand& errand, const Room& room) {
  const File file(errand.descriptor());
  const std::size_t length = file.get() >= 0 ? static_cast<std::size_t>(errand.answer().status.size)
                                             : errand.answer().length;
  if (room.size == 0) {
    return static_cast<ssize_t>(length);
  }
  if (length > room.size) {
    return failed(-ERANGE);
  }
  if (file.get() < 0) {
    std::memcpy(room.bytes, errand.data(), length);
    return static_cast<ssize_t>(length);
  }
  const long count = raw::read_at(file.get(), room.bytes, length, 0);
  return count < 0 ? failed(count) : count;
}

// One call about extended attributes; `name` may be null.
template <typename Native>
ssize_t about_xattr(Operation operation, const char* path, const char* name, int flags,
                    const Room& room, Native native) {
  if (is_outside(AT_FDCWD, path)) {
    return native(path);
  }
  Errand errand(operation);
  if (!errand.take(AT_FDCWD, path)) {
    return native(path);
  }
  if (name != nullptr) {
    errand.take_text(1, name, std::strlen(name));
  }
  errand.request().flags = follow_of(flags);
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return native(errand.real_path());
  }
  return ending == Ending::failed ? -1 : copy_out(errand, room);
}

// An attribute to be set, and how.
struct NewXattr {
  const char* name;
  const void* value;
  std::size_t size;
  int mode;
  int flags;
};

// A file with a value that is too long for a letter; the negative errno.
int file_with(const NewXattr& xattr) {
  const int file = raw::memory_file("seabag", MFD_CLOEXEC);
  if (file < 0) {
    return file;
  }
  const long written = raw::write_at(file, xattr.value, xattr.size, 0);
  if (written == static_cast<long>(xattr.size)) {
    return file;
  }
  raw::close(file);
  return written < 0 ? static_cast<int>(written) : -EIO;
}

template <typename Native>
int put_xattr(const char* path, const NewXattr& xattr, Native native) {
  if (is_outside(AT_FDCWD, path)) {
    return native(path);
  }
  Errand errand(Operation::set_xattr);
  if (!errand.take(AT_FDCWD, path)) {
    return native(path);
  }
  errand.request().flags = follow_of(xattr.flags);
  errand.request().mode = static_cast<std::uint32_t>(xattr.mode);
  const std::size_t name_length = strnlen(xattr.name, kMostXattrName + 1);
  if (name_length > kMostXattrName || !errand.take_text(1, xattr.name, name_length)) {
    return static_cast<int>(failed(-ERANGE));
  }
  if (xattr.size > kMostXattrValue) {
    return static_cast<int>(failed(-E2BIG));
  }
  const bool fits = errand.take_tail(xattr.value, xattr.size);
  const File file(fits ? -1 : file_with(xattr));
  if (!fits) {
    if (file.get() < 0) {
      return static_cast<int>(failed(file.get()));
    }
    errand.request().flags |= kInFile;
    errand.request().number = xattr.size;
    errand.take_file(file.get());
  }
  const Ending ending = errand.run();
  return ending == Ending::real ? native(errand.real_path()) : errand.result(ending);
}

}  // namespace

void link_attribute_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int chmod(const char* path, mode_t mode) noexcept { return change_mode(AT_FDCWD, path, mode, 0); }
int lchmod(const char* path, mode_t mode) noexcept {
  return change_mode(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}
int fchmodat(int directory, const char* path, mode_t mode, int flags) noexcept {
  return change_mode(directory, path, mode, flags);
}

int chown(const char* path, uid_t user, gid_t group) noexcept {
  return change_owner(AT_FDCWD, path, user, group, 0);
}
int lchown(const char* path, uid_t user, gid_t group) noexcept {
  return change_owner(AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
}
int fchownat(int directory, const char* path, uid_t user, gid_t group, int flags) noexcept {
  return change_owner(directory, path, user, group, flags);
}

int utimensat(int directory, const char* path, const timespec* times, int flags) noexcept {
  return change_times(directory, path, times, flags);
}
int futimens(int descriptor, const timespec* times) noexcept {
  int result = 0;
  return change_descriptor_times(descriptor, times, result)
             ? result
             : SEABAG_NATIVE(futimens)(descriptor, times);
}
int utimes(const char* path, const timeval* times) noexcept {
  return change_times(AT_FDCWD, path, times, 0);
}
int lutimes(const char* path, const timeval* times) noexcept {
  return change_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}
int futimesat(int directory, const char* path, const timeval* times) noexcept {
  return change_times(directory, path, times, 0);
}
int utime(const char* path, const utimbuf* times) noexcept {
  if (times == nullptr) {
    return change_times(AT_FDCWD, path, static_cast<const timespec*>(nullptr), 0);
  }
  const std::array<timespec, 2> precise = {timespec{.tv_sec = times->actime, .tv_nsec = 0},
                                           timespec{.tv_sec = times->modtime, .tv_nsec = 0}};
  return change_times(AT_FDCWD, path, precise.data(), 0);
}

int truncate(const char* path, off_t size) noexcept { return change_size(path, size); }
int truncate64(const char* path, off64_t size) noexcept { return change_size(path, size); }

ssize_t getxattr(const char* path, const char* name, void* value, size_t size) noexcept {
  return about_xattr(Operation::xattr, path, name, 0, {value, size}, [&](const char* where) {
    return SEABAG_NATIVE(getxattr)(where, name, value, size);
  });
}
ssize_t lgetxattr(const char* path, const char* name, void* value, size_t size) noexcept {
  return about_xattr(
      Operation::xattr, path, name, AT_SYMLINK_NOFOLLOW, {value, size},
      [&](const char* where) { return SEABAG_NATIVE(lgetxattr)(where, name, value, size); });
}
ssize_t listxattr(const char* path, char* list, size_t size) noexcept {
  return about_xattr(Operation::xattrs, path, nullptr, 0, {list, size}, [&](const char* where) {
    return SEABAG_NATIVE(listxattr)(where, list, size);
  });
}
ssize_t llistxattr(const char* path, char* list, size_t size) noexcept {
  return about_xattr(
      Operation::xattrs, path, nullptr, AT_SYMLINK_NOFOLLOW, {list, size},
      [&](const char* where) { return SEABAG_NATIVE(llistxattr)(where, list, size); });
}
int setxattr(const char* path, const char* name, const void* value, size_t size,
             int mode) noexcept {
  return put_xattr(path, {name, value, size, mode, 0}, [&](const char* where) {
    return SEABAG_NATIVE(setxattr)(where, name, value, size, mode);
  });
}
int lsetxattr(const char* path, const char* name, const void* value, size_t size,
              int mode) noexcept {
  return put_xattr(path, {name, value, size, mode, AT_SYMLINK_NOFOLLOW}, [&](const char* where) {
    return SEABAG_NATIVE(lsetxattr)(where, name, value, size, mode);
  });
}
int removexattr(const char* path, const char* name) noexcept {
  return static_cast<int>(
      about_xattr(Operation::remove_xattr, path, name, 0, {},
                  [&](const char* where) { return SEABAG_NATIVE(removexattr)(where, name); }));
}
int lremovexattr(const char* path, const char* name) noexcept {
  return static_cast<int>(
      about_xattr(Operation::remove_xattr, path, name, AT_SYMLINK_NOFOLLOW, {},
                  [&](const char* where) { return SEABAG_NATIVE(lremovexattr)(where, name); }));
}

}  // extern "C"
