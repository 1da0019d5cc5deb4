// Calls that make, remove and move names: mkdir(2), unlink(2), rename(2), link(2), symlink(2),
// mkstemp(3), readlink(2).
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

void add_owner(Request& request) {
  request.uid = static_cast<std::uint32_t>(raw::call(SYS_geteuid));
  request.gid = static_cast<std::uint32_t>(raw::call(SYS_getegid));
}

int make_node(int directory, const char* path, mode_t mode, dev_t device) {
  const auto native = [&](int at, const char* where) {
    return S_ISDIR(mode) ? SEABAG_NATIVE(mkdirat)(at, where, mode & 07777)
                         : SEABAG_NATIVE(mknodat)(at, where, mode, device);
  };
  if (is_outside(directory, path)) {
    return native(directory, path);
  }
  Errand errand(Operation::make);
  if (!errand.take(directory, path)) {
    return native(directory, path);
  }
  errand.request().mode = (mode & S_IFMT) | without_mask(mode & 07777);
  errand.request().offset = device;
  add_owner(errand.request());
  const Ending ending = errand.run();
  return ending == Ending::real ? native(AT_FDCWD, errand.real_path()) : errand.result(ending);
}

int remove_name(int directory, const char* path, int flags) {
  if (is_outside(directory, path)) {
    return SEABAG_NATIVE(unlinkat)(directory, path, flags);
  }
  Errand errand(Operation::remove);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(unlinkat)(directory, path, flags);
  }
  errand.request().flags = (flags & AT_REMOVEDIR) != 0 ? kDirectory : 0;
  const Ending ending = errand.run();
  return ending == Ending::real ? SEABAG_NATIVE(unlinkat)(AT_FDCWD, errand.real_path(), flags)
                                : errand.result(ending);
}

enum class Pair : std::uint8_t { native, virtual_both, mixed };

// Which of two paths lead to mounts.
Pair take_pair(Errand& errand, int from_directory, const char* from, int to_directory,
               const char* to) {
  // A path that only leads above or beside a mount may still be real.
  const auto is_real = [](int directory, const char* path) {
    Errand other(Operation::status);
    return !other.take(directory, path) || other.run() == Ending::real;
  };
  if (!errand.take(from_directory, from)) {
    return is_real(to_directory, to) ? Pair::native : Pair::mixed;
  }
  if (errand.take_second(to_directory, to)) {
    return Pair::virtual_both;
  }
  return is_real(from_directory, from) ? Pair::native : Pair::mixed;
}

int rename_name(int from_directory, const char* from, int to_directory, const char* to,
                unsigned flags) {
  const auto native = [flags](int from_at, const char* old_path, int to_at, const char* new_path) {
    return flags == 0 ? SEABAG_NATIVE(renameat)(from_at, old_path, to_at, new_path)
                      : SEABAG_NATIVE(renameat2)(from_at, old_path, to_at, new_path, flags);
  };
  if (is_outside(from_directory, from) && is_outside(to_directory, to)) {
    return native(from_directory, from, to_directory, to);
  }
  Errand errand(Operation::rename);
  switch (take_pair(errand, from_directory, from, to_directory, to)) {
    case Pair::native:
      return native(from_directory, from, to_directory, to);
    case Pair::mixed:
      errno = EXDEV;
      return -1;
    case Pair::virtual_both:
      break;
  }
  errand.request().flags = flags;
  const Ending ending = errand.run();
  return ending == Ending::real
             ? native(AT_FDCWD, errand.real_path(), AT_FDCWD, errand.second_real_path())
             : errand.result(ending);
}

int link_name(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  const auto native = SEABAG_NATIVE(linkat);
  if (is_outside(from_directory, from) && is_outside(to_directory, to)) {
    return native(from_directory, from, to_directory, to, flags);
  }
  Errand errand(Operation::make_link);
  switch (take_pair(errand, from_directory, from, to_directory, to)) {
    case Pair::native:
      return native(from_directory, from, to_directory, to, flags);
    case Pair::mixed:
      errno = EXDEV;
      return -1;
    case Pair::virtual_both:
      break;
  }
  errand.request().flags = (flags & AT_SYMLINK_FOLLOW) != 0 ? kFollow : 0;
  const Ending ending = errand.run();
  return ending == Ending::real
             ? native(AT_FDCWD, errand.real_path(), AT_FDCWD, errand.second_real_path(), flags)
             : errand.result(ending);
}

int make_symlink(const char* target, int directory, const char* path) {
  if (is_outside(directory, path)) {
    return SEABAG_NATIVE(symlinkat)(target, directory, path);
  }
  Errand errand(Operation::make_symlink);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(symlinkat)(target, directory, path);
  }
  if (!errand.take_text(1, target, std::strlen(target))) {
    errno = ENAMETOOLONG;
    return -1;
  }
  add_owner(errand.request());
  const Ending ending = errand.run();
  return ending == Ending::real ? SEABAG_NATIVE(symlinkat)(target, AT_FDCWD, errand.real_path())
                                : errand.result(ending);
}

ssize_t read_link(int directory, const char* path, char* buffer, std::size_t size) {
  if (is_outside(directory, path)) {
    return SEABAG_NATIVE(readlinkat)(directory, path, buffer, size);
  }
  Errand errand(Operation::read_link);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(readlinkat)(directory, path, buffer, size);
  }
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return SEABAG_NATIVE(readlinkat)(AT_FDCWD, errand.real_path(), buffer, size);
  }
  if (ending == Ending::failed) {
    return -1;
  }
  const std::size_t length = std::min<std::size_t>(size, errand.answer().length);
  std::memcpy(buffer, errand.data(), length);
  return static_cast<ssize_t>(length);
}

constexpr std::size_t kBlanks = 6;

// Puts letters in place of the six X before the last `suffix` bytes; null when there are none.
char* find_blanks(char* pattern, int suffix) {
  const std::size_t length = std::strlen(pattern);
  if (suffix < 0 || length < kBlanks + static_cast<std::size_t>(suffix)) {
    return nullptr;
  }
  char* blanks = pattern + length - static_cast<std::size_t>(suffix) - kBlanks;
  return std::strncmp(blanks, "XXXXXX", kBlanks) == 0 ? blanks : nullptr;
}

void fill_blanks(char* blanks) {
  static constexpr char kLetters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::array<unsigned char, kBlanks> bytes{};
  raw::call(SYS_getrandom, raw::address(bytes.data()), static_cast<long>(bytes.size()), 0);
  for (std::size_t each = 0; each < kBlanks; ++each) {
    blanks[each] = kLetters[bytes[each] % (sizeof(kLetters) - 1)];
  }
}

constexpr int kMostTries = 1000;

// mkstemp(3) and its kin; `make` tries one name.
template <typename Make>
int make_unique(char* pattern, int suffix, Make make) {
  char* blanks = find_blanks(pattern, suffix);
  if (blanks == nullptr) {
    errno = EINVAL;
    return -1;
  }
  for (int tries = 0; tries < kMostTries; ++tries) {
    fill_blanks(blanks);
    const int made = make();
    if (made >= 0 || errno != EEXIST) {
      return made;
    }
  }
  return -1;
}

int make_temporary(char* pattern, int suffix, int flags) {
  return make_unique(pattern, suffix, [&] {
    constexpr mode_t kPrivate = 0600;
    return open_anywhere(AT_FDCWD, pattern, (flags & ~O_ACCMODE) | O_RDWR | O_CREAT | O_EXCL,
                         kPrivate);
  });
}

}  // namespace

void link_name_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int mkdir(const char* path, mode_t mode) noexcept {
  return make_node(AT_FDCWD, path, (mode & 07777) | S_IFDIR, 0);
}
int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  return make_node(directory, path, (mode & 07777) | S_IFDIR, 0);
}
int mknod(const char* path, mode_t mode, dev_t device) noexcept {
  return make_node(AT_FDCWD, path, mode, device);
}
int mknodat(int directory, const char* path, mode_t mode, dev_t device) noexcept {
  return make_node(directory, path, mode, device);
}
int mkfifo(const char* path, mode_t mode) noexcept {
  return make_node(AT_FDCWD, path, (mode & 07777) | S_IFIFO, 0);
}
int mkfifoat(int directory, const char* path, mode_t mode) noexcept {
  return make_node(directory, path, (mode & 07777) | S_IFIFO, 0);
}

int unlink(const char* path) noexcept { return remove_name(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char* path, int flags) noexcept {
  return remove_name(directory, path, flags);
}
int rmdir(const char* path) noexcept { return remove_name(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char* path) noexcept {
  const int done = remove_name(AT_FDCWD, path, 0);
  return done != 0 && (errno == EISDIR || errno == EPERM)
             ? remove_name(AT_FDCWD, path, AT_REMOVEDIR)
             : done;
}

int rename(const char* from, const char* to) noexcept {
  return rename_name(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  return rename_name(from_directory, from, to_directory, to, 0);
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept {
  return rename_name(from_directory, from, to_directory, to, flags);
}

int link(const char* from, const char* to) noexcept {
  return link_name(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int from_directory, const char* from, int to_directory, const char* to,
           int flags) noexcept {
  return link_name(from_directory, from, to_directory, to, flags);
}
int symlink(const char* target, const char* path) noexcept {
  return make_symlink(target, AT_FDCWD, path);
}
int symlinkat(const char* target, int directory, const char* path) noexcept {
  return make_symlink(target, directory, path);
}

ssize_t readlink(const char* path, char* buffer, size_t size) noexcept {
  return read_link(AT_FDCWD, path, buffer, size);
}
ssize_t readlinkat(int directory, const char* path, char* buffer, size_t size) noexcept {
  return read_link(directory, path, buffer, size);
}
ssize_t __readlink_chk(const char* path, char* buffer, size_t size, size_t room) noexcept {
  return read_link(AT_FDCWD, path, buffer, std::min(size, room));
}
ssize_t __readlinkat_chk(int directory, const char* path, char* buffer, size_t size,
                         size_t room) noexcept {
  return read_link(directory, path, buffer, std::min(size, room));
}

int mkstemp(char* pattern) { return make_temporary(pattern, 0, 0); }
int mkstemp64(char* pattern) { return make_temporary(pattern, 0, 0); }
int mkostemp(char* pattern, int flags) { return make_temporary(pattern, 0, flags); }
int mkostemp64(char* pattern, int flags) { return make_temporary(pattern, 0, flags); }
int mkstemps(char* pattern, int suffix) { return make_temporary(pattern, suffix, 0); }
int mkstemps64(char* pattern, int suffix) { return make_temporary(pattern, suffix, 0); }
int mkostemps(char* pattern, int suffix, int flags) {
  return make_temporary(pattern, suffix, flags);
}
int mkostemps64(char* pattern, int suffix, int flags) {
  return make_temporary(pattern, suffix, flags);
}
char* mkdtemp(char* pattern) noexcept {
  constexpr mode_t kPrivate = 0700;
  return make_unique(pattern, 0, [&] { return mkdir(pattern, kPrivate); }) < 0 ? nullptr : pattern;
}

}  // extern "C"
