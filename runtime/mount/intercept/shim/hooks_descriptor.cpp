// What happens to descriptors by number: closing and copying them, reading and writing those whose
// faults the host injects, changing the attributes of what they stand for.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

constexpr std::uint64_t kAppend = ~std::uint64_t{0};

// Descriptors that are not what they were.
void forget_range(unsigned first, unsigned last) {
  for (unsigned each = first; each <= last && each < kKnownDescriptors; ++each) {
    set_known(static_cast<int>(each), 0);
  }
}

int copied(int from, int to) {
  // What governs the reads and writes of one governs those of its copy.
  if (to >= 0) {
    set_known(to, known(from) & (kKnownDirectory | kKnownGoverned));
  }
  return to;
}

std::uint64_t inode_of(int descriptor) {
  struct stat status {};
  return raw::status(descriptor, status) == 0 ? status.st_ino : 0;
}

long current_position(int descriptor) { return raw::call(SYS_lseek, descriptor, 0, SEEK_CUR); }

ssize_t failed(long number) {
  errno = static_cast<int>(-number);
  return -1;
}

// Whether the descriptor's access mode allows it; the host would not know.
bool allows(int descriptor, int unwanted) {
  const long flags = raw::call(SYS_fcntl, descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != unwanted;
}

}  // namespace

ssize_t governed_read(int descriptor, void* buffer, std::size_t size, off_t at) {
  if (!allows(descriptor, O_WRONLY)) {
    return failed(-EBADF);
  }
  const long position = at < 0 ? current_position(descriptor) : at;
  if (position < 0) {
    return failed(position);
  }
  Errand errand(Operation::read_data);
  errand.request().number = inode_of(descriptor);
  errand.request().offset = static_cast<std::uint64_t>(position);
  errand.request().mode = static_cast<std::uint32_t>(std::min(size, kMostData));
  if (errand.run() != Ending::done) {
    return -1;
  }
  const std::size_t count = errand.answer().length;
  std::memcpy(buffer, errand.data(), count);
  if (at < 0) {
    raw::call(SYS_lseek, descriptor, position + static_cast<long>(count), SEEK_SET);
  }
  return static_cast<ssize_t>(count);
}

ssize_t governed_write(int descriptor, const void* buffer, std::size_t size, off_t at) {
  const long flags = raw::call(SYS_fcntl, descriptor, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
    return failed(-EBADF);
  }
  const long position = at < 0 ? current_position(descriptor) : at;
  if (position < 0) {
    return failed(position);
  }
  const bool is_append = (flags & O_APPEND) != 0;
  std::size_t done = 0;
  // Everything in one call of the program, as long as it fits: "the third write fails" is about
  // the program's writes.
  do {
    const std::size_t count = std::min(size - done, kMostData);
    Errand errand(Operation::write_data);
    errand.request().number = inode_of(descriptor);
    errand.request().offset = is_append ? kAppend : static_cast<std::uint64_t>(position) + done;
    errand.take_tail(static_cast<const char*>(buffer) + done, count);
    if (errand.run() != Ending::done) {
      if (done == 0) {
        return -1;
      }
      break;
    }
    const auto written = static_cast<std::size_t>(errand.answer().status.size);
    done += written;
    if (written < count) {
      break;
    }
  } while (done < size);
  if (at < 0) {
    raw::call(SYS_lseek, descriptor, is_append ? 0 : position + static_cast<long>(done),
              is_append ? SEEK_END : SEEK_SET);
  }
  return static_cast<ssize_t>(done);
}

bool is_governed(int descriptor) { return (known(descriptor) & kKnownGoverned) != 0; }

namespace {

bool is_special(int descriptor) {
  return (known(descriptor) & (kKnownGoverned | kKnownDirectory)) != 0;
}

ssize_t read_special(int descriptor, void* buffer, std::size_t size, off_t at) {
  if (!is_governed(descriptor)) {
    return failed(-EISDIR);
  }
  return governed_read(descriptor, buffer, size, at);
}

template <typename Each>
ssize_t vector_io(const iovec* parts, int count, Each each) {
  ssize_t total = 0;
  for (int part = 0; part < count; ++part) {
    if (parts[part].iov_len == 0) {
      continue;
    }
    const ssize_t done = each(parts[part].iov_base, parts[part].iov_len, total);
    if (done < 0) {
      return total > 0 ? total : done;
    }
    total += done;
    if (static_cast<std::size_t>(done) < parts[part].iov_len) {
      break;
    }
  }
  return total;
}

// Whether a descriptor is a file or directory of a mount, whose attributes the host keeps.
bool is_virtual_file(int descriptor, std::uint64_t& inode) {
  const MountPage* mounts = page();
  struct stat status {};
  if (mounts == nullptr || is_inside() || raw::status(descriptor, status) < 0 ||
      status.st_dev != mounts->memory_device) {
    return false;
  }
  inode = status.st_ino;
  return true;
}

// Changes the attributes of what a descriptor stands for; false when it is none of the host's.
bool change_attributes(int descriptor, Operation of_path, Operation of_file, const Request& changes,
                       int& result) {
  std::uint64_t inode = 0;
  if (!is_virtual_file(descriptor, inode)) {
    return false;
  }
  const bool is_directory = is_virtual_directory(descriptor);
  Errand errand(is_directory ? of_path : of_file);
  Request& request = errand.request();
  request.mode = changes.mode;
  request.uid = changes.uid;
  request.gid = changes.gid;
  request.times = changes.times;
  request.number = inode;
  request.flags = kFollow;
  if (is_directory && !errand.take(descriptor, ".")) {
    errno = ENOENT;
    result = -1;
    return true;
  }
  const Ending ending = errand.run();
  if (!is_directory && ending == Ending::failed && errno == ENOENT) {
    return false;  // a memory file of the program's own
  }
  result = errand.result(ending);
  return true;
}

}  // namespace

bool change_descriptor_times(int descriptor, const timespec* times, int& result) {
  Request changes{};
  const timespec now{.tv_sec = 0, .tv_nsec = UTIME_NOW};
  for (std::size_t each = 0; each < 2; ++each) {
    const timespec& time = times == nullptr ? now : times[each];
    changes.times[each] = {.seconds = time.tv_sec, .nanoseconds = time.tv_nsec};
  }
  return change_attributes(descriptor, Operation::change_times, Operation::change_times_of_file,
                           changes, result);
}

namespace {

int synchronise(int descriptor) {
  std::uint64_t inode = 0;
  if (!is_virtual_file(descriptor, inode) || is_virtual_directory(descriptor)) {
    return 0;
  }
  Errand errand(Operation::synchronise);
  errand.request().number = inode;
  // One that the host does not know is the program's own.
  return errand.run() == Ending::failed && errno != ENOENT ? -1 : 0;
}

}  // namespace

void link_descriptor_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int close(int descriptor) {
  set_known(descriptor, 0);
  return SEABAG_NATIVE(close)(descriptor);
}

int close_range(unsigned first, unsigned last, int flags) noexcept {
  forget_range(first, last);
  return SEABAG_NATIVE(close_range)(first, last, flags);
}

void closefrom(int first) noexcept {
  forget_range(static_cast<unsigned>(std::max(first, 0)), kKnownDescriptors);
  SEABAG_NATIVE(closefrom)(first);
}

int dup(int descriptor) noexcept { return copied(descriptor, SEABAG_NATIVE(dup)(descriptor)); }
int dup2(int descriptor, int to) noexcept {
  return copied(descriptor, SEABAG_NATIVE(dup2)(descriptor, to));
}
int dup3(int descriptor, int to, int flags) noexcept {
  return copied(descriptor, SEABAG_NATIVE(dup3)(descriptor, to, flags));
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int result = SEABAG_NATIVE(fcntl)(descriptor, command, argument);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copied(descriptor, result) : result;
}

int fcntl64(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return fcntl(descriptor, command, argument);
}

ssize_t read(int descriptor, void* buffer, size_t size) {
  return is_special(descriptor) ? read_special(descriptor, buffer, size, -1)
                                : SEABAG_NATIVE(read)(descriptor, buffer, size);
}

ssize_t pread(int descriptor, void* buffer, size_t size, off_t at) {
  return is_special(descriptor) ? read_special(descriptor, buffer, size, std::max<off_t>(at, 0))
                                : SEABAG_NATIVE(pread)(descriptor, buffer, size, at);
}
ssize_t pread64(int descriptor, void* buffer, size_t size, off64_t at) {
  return pread(descriptor, buffer, size, at);
}

ssize_t write(int descriptor, const void* buffer, size_t size) {
  return is_governed(descriptor) ? governed_write(descriptor, buffer, size, -1)
                                 : SEABAG_NATIVE(write)(descriptor, buffer, size);
}
ssize_t pwrite(int descriptor, const void* buffer, size_t size, off_t at) {
  return is_governed(descriptor) ? governed_write(descriptor, buffer, size, at)
                                 : SEABAG_NATIVE(pwrite)(descriptor, buffer, size, at);
}
ssize_t pwrite64(int descriptor, const void* buffer, size_t size, off64_t at) {
  return pwrite(descriptor, buffer, size, at);
}

ssize_t readv(int descriptor, const iovec* parts, int count) {
  if (!is_special(descriptor)) {
    return SEABAG_NATIVE(readv)(descriptor, parts, count);
  }
  return vector_io(parts, count, [&](void* buffer, std::size_t size, ssize_t) {
    return read_special(descriptor, buffer, size, -1);
  });
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
  if (!is_governed(descriptor)) {
    return SEABAG_NATIVE(writev)(descriptor, parts, count);
  }
  return vector_io(parts, count, [&](const void* buffer, std::size_t size, ssize_t) {
    return governed_write(descriptor, buffer, size, -1);
  });
}

int fsync(int descriptor) {
  const int kept = synchronise(descriptor);
  return kept != 0 ? kept : SEABAG_NATIVE(fsync)(descriptor);
}
int fdatasync(int descriptor) {
  const int kept = synchronise(descriptor);
  return kept != 0 ? kept : SEABAG_NATIVE(fdatasync)(descriptor);
}

int fchmod(int descriptor, mode_t mode) noexcept {
  int result = 0;
  Request changes{};
  changes.mode = mode;
  return change_attributes(descriptor, Operation::change_mode, Operation::change_mode_of_file,
                           changes, result)
             ? result
             : SEABAG_NATIVE(fchmod)(descriptor, mode);
}

int fchown(int descriptor, uid_t user, gid_t group) noexcept {
  int result = 0;
  Request changes{};
  changes.uid = user;
  changes.gid = group;
  return change_attributes(descriptor, Operation::change_owner, Operation::change_owner_of_file,
                           changes, result)
             ? result
             : SEABAG_NATIVE(fchown)(descriptor, user, group);
}

}  // extern "C"
