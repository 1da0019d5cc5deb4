#include "kernel_subject.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "kernel_calls.h"

namespace seabag::testing {
namespace {

Outcome failed() { return {.error = errno}; }

Outcome done(long result) { return result < 0 ? failed() : Outcome{}; }

Outcome told(int result, const struct stat& status) {
  if (result != 0) {
    return failed();
  }
  return {.node = attributes_from(status)};
}

Outcome make(const Operation& operation) {
  const char* path = operation.path.c_str();
  switch (operation.act) {
    case Act::make_directory:
      return done(mkdir(path, operation.mode));
    case Act::make_node:
      return done(mknod(path, operation.mode | format_of(operation.type), makedev(1, 3)));
    case Act::make_symlink:
      return done(symlink(operation.other.c_str(), path));
    default: {
      const int flags = operation.last_link == vfs::LastLink::follow ? AT_SYMLINK_FOLLOW : 0;
      return done(linkat(AT_FDCWD, path, AT_FDCWD, operation.other.c_str(), flags));
    }
  }
}

Outcome rename_path(const Operation& operation) {
  constexpr std::array kFlags{0U, static_cast<unsigned>(RENAME_NOREPLACE),
                              static_cast<unsigned>(RENAME_EXCHANGE)};
  return done(renameat2(AT_FDCWD, operation.path.c_str(), AT_FDCWD, operation.other.c_str(),
                        kFlags.at(static_cast<std::size_t>(operation.rename))));
}

int symlink_flag(const Operation& operation) {
  return operation.last_link == vfs::LastLink::keep ? AT_SYMLINK_NOFOLLOW : 0;
}

Outcome set_attributes(const Operation& operation) {
  const char* path = operation.path.c_str();
  switch (operation.act) {
    case Act::set_mode:
      return done(chmod(path, operation.mode));
    case Act::set_owner:
      return done(fchownat(AT_FDCWD, path, operation.uid.value_or(static_cast<uid_t>(-1)),
                           operation.gid.value_or(static_cast<gid_t>(-1)),
                           symlink_flag(operation)));
    case Act::set_size:
      return done(truncate(path, static_cast<off_t>(operation.offset)));
    default: {
      const std::array times{timespec_of(operation.accessed), timespec_of(operation.modified)};
      return done(utimensat(AT_FDCWD, path, times.data(), symlink_flag(operation)));
    }
  }
}

Outcome ask(const Operation& operation) {
  const char* path = operation.path.c_str();
  struct stat status {};
  switch (operation.act) {
    case Act::stat:
      return told(stat(path, &status), status);
    case Act::lstat:
      return told(lstat(path, &status), status);
    case Act::list:
      return list_directory(path);
    case Act::read_link: {
      std::array<char, PATH_MAX> target{};
      const ssize_t length = readlink(path, target.data(), target.size());
      return length < 0 ? failed()
                        : Outcome{.bytes = {target.data(), static_cast<std::size_t>(length)}};
    }
    case Act::real_path: {
      std::array<char, PATH_MAX> name{};
      if (chdir(path) != 0 || getcwd(name.data(), name.size()) == nullptr) {
        return failed();
      }
      return {.bytes = name.data()};
    }
    default: {
      struct statfs statistics {};
      return done(statfs(path, &statistics));
    }
  }
}

}  // namespace

KernelSubject::KernelSubject(const KernelMount& mount, std::string name)
    : mount_(mount),
      name_(std::move(name)),
      root_(mount.make_directory(name_)),
      host_root_(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  unshare(CLONE_FS);  // threads that a provider has made keep the root that they have
  umask(0);
}

KernelSubject::~KernelSubject() {
  for (const Slot& slot : slots_) {
    if (slot.descriptor >= 0) {
      ::close(slot.descriptor);
    }
  }
  ::close(root_);
  ::close(host_root_);
  mount_.remove_directory(name_);
}

Outcome KernelSubject::run(const Operation& operation) {
  enter_root(root_);
  Outcome outcome = operation.is_on_file() ? run_on_file(operation) : run_inside(operation);
  enter_root(host_root_);
  return outcome;
}

Outcome KernelSubject::run_inside(const Operation& operation) {
  const char* path = operation.path.c_str();
  switch (operation.act) {
    case Act::open:
      return open(operation);
    case Act::open_unnamed:
      return put(operation, ::open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, operation.mode));
    case Act::make_directory:
    case Act::make_node:
    case Act::make_symlink:
    case Act::link:
      return make(operation);
    case Act::unlink:
      return done(::unlink(path));
    case Act::remove_directory:
      return done(::rmdir(path));
    case Act::rename:
      return rename_path(operation);
    case Act::set_mode:
    case Act::set_owner:
    case Act::set_size:
    case Act::set_times:
      return set_attributes(operation);
    case Act::set_xattr:
    case Act::get_xattr:
    case Act::list_xattrs:
    case Act::remove_xattr:
      return xattr_call(operation);
    default:
      return ask(operation);
  }
}

Outcome KernelSubject::open(const Operation& operation) {
  int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (operation.is_writing ? O_RDWR : O_RDONLY);
  flags |= operation.create == vfs::CreateMode::never ? 0 : O_CREAT;
  flags |= operation.create == vfs::CreateMode::exclusive ? O_EXCL : 0;
  flags |= operation.truncate ? O_TRUNC : 0;
  flags |= operation.directory ? O_DIRECTORY : 0;
  flags |= operation.last_link == vfs::LastLink::keep ? O_NOFOLLOW : 0;
  const int descriptor = ::open(operation.path.c_str(), flags, operation.mode);
  if (descriptor < 0 && errno == EACCES) {
    errno = ENXIO;  // a device on a mount without devices: a provider opens none either
  }
  return put(operation, descriptor);
}

Outcome KernelSubject::put(const Operation& operation, int descriptor) {
  if (descriptor < 0) {
    return failed();
  }
  struct stat status {};
  fstat(descriptor, &status);
  if (!S_ISREG(status.st_mode)) {  // File is for regular files
    ::close(descriptor);
    return {.error = S_ISDIR(status.st_mode) ? EISDIR : ENXIO};
  }
  Slot& slot = slots_.at(operation.slot);
  if (slot.descriptor >= 0) {
    ::close(slot.descriptor);
  }
  slot = {.descriptor = descriptor,
          .is_writable = operation.is_writing || operation.act == Act::open_unnamed};
  return {};
}

Outcome KernelSubject::run_on_file(const Operation& operation) {
  Slot& slot = slots_.at(operation.slot);
  if (slot.descriptor < 0) {
    return {.error = EBADF};
  }
  const auto offset = static_cast<off_t>(operation.offset);
  switch (operation.act) {
    case Act::close:
      ::close(std::exchange(slot.descriptor, -1));
      return {};
    case Act::read: {
      Outcome outcome{.bytes = std::string(operation.length, '\0')};
      const ssize_t count = pread(slot.descriptor, outcome.bytes.data(), operation.length, offset);
      outcome.error = count < 0 ? errno : 0;
      outcome.bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
      return outcome;
    }
    case Act::find_extent: {
      const int whence = operation.extent == vfs::ExtentKind::data ? SEEK_DATA : SEEK_HOLE;
      const off_t found = lseek(slot.descriptor, offset, whence);
      return found < 0 ? failed() : Outcome{.count = static_cast<std::uint64_t>(found)};
    }
    case Act::file_attributes: {
      struct stat status {};
      return told(fstat(slot.descriptor, &status), status);
    }
    case Act::name_file:
      return done(linkat(slot.descriptor, "", AT_FDCWD, operation.path.c_str(), AT_EMPTY_PATH));
    default:
      return slot.is_writable ? change_file(operation, slot.descriptor) : Outcome{.error = EBADF};
  }
}

Outcome KernelSubject::change_file(const Operation& operation, int descriptor) {
  const auto offset = static_cast<off_t>(operation.offset);
  switch (operation.act) {
    case Act::write:
    case Act::append: {
      std::string bytes = content_of(operation);
      const iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
      const bool is_append = operation.act == Act::append;
      const ssize_t count =
          pwritev2(descriptor, &part, 1, is_append ? 0 : offset, is_append ? RWF_APPEND : 0);
      return count < 0 ? failed() : Outcome{.count = static_cast<std::uint64_t>(count)};
    }
    case Act::resize:
      return done(ftruncate(descriptor, offset));
    case Act::allocate:
      return done(allocate_range(operation, descriptor));
    default:
      return done(fsync(descriptor));
  }
}

}  // namespace seabag::testing
