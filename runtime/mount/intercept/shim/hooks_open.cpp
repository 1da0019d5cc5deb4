// open(2) and its kin.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdarg>

#include "found_cache.h"
#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

std::atomic<mode_t> the_mask{0};
std::atomic<bool> is_mask_known{false};

bool has_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

int open_native(int directory, const char* path, int flags, mode_t mode) {
  const int descriptor = SEABAG_NATIVE(openat)(directory, path, flags, mode);
  set_known(descriptor, 0);
  return descriptor;
}

}  // namespace

mode_t without_mask(mode_t mode) {
  if (!is_mask_known.load()) {
    // There is no way to ask for it without setting it.
    const auto mask = static_cast<mode_t>(raw::call(SYS_umask, 077));
    raw::call(SYS_umask, mask);
    the_mask.store(mask);
    is_mask_known.store(true);
  }
  return mode & ~the_mask.load();
}

int open_anywhere(int directory, const char* path, int flags, mode_t mode) {
  if (const int recalled = open_recalled(path, flags); recalled >= 0) {
    set_known(recalled, 0);
    return recalled;
  }
  const Moment moment = moment_now();
  Errand errand(Operation::open);
  if (!errand.take(directory, path)) {
    return open_native(directory, path, flags, mode);
  }
  Request& request = errand.request();
  request.flags = static_cast<std::uint32_t>(flags);
  if (has_mode(flags)) {
    request.mode = without_mask(mode);
    request.uid = static_cast<std::uint32_t>(raw::call(SYS_geteuid));
    request.gid = static_cast<std::uint32_t>(raw::call(SYS_getegid));
  }
  switch (errand.run()) {
    case Ending::real:
      return open_native(AT_FDCWD, errand.real_path(), flags, mode);
    case Ending::failed:
      return -1;
    case Ending::done:
      break;
  }
  const int descriptor = errand.descriptor();
  const std::uint32_t marks = errand.answer().marks;
  const unsigned known = ((marks & kMarkDirectory) != 0 ? kKnownDirectory : 0U) |
                         ((marks & kMarkGoverned) != 0 ? kKnownGoverned : 0U);
  set_known(descriptor, static_cast<std::uint8_t>(known));
  remember_file({.path = path, .moment = moment, .marks = marks}, flags, descriptor);
  return descriptor;
}

namespace {

int open_at(int directory, const char* path, int flags, mode_t mode) {
  return is_outside(directory, path) ? open_native(directory, path, flags, mode)
                                     : open_anywhere(directory, path, flags, mode);
}

}  // namespace

void link_open_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

#define SEABAG_MODE(last)             \
  mode_t mode = 0;                    \
  if (has_mode(flags)) {              \
    va_list arguments;                \
    va_start(arguments, last);        \
    mode = va_arg(arguments, mode_t); \
    va_end(arguments);                \
  }

extern "C" {

int open(const char* path, int flags, ...) {
  SEABAG_MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  SEABAG_MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  SEABAG_MODE(flags)
  return open_at(directory, path, flags, mode);
}

int openat64(int directory, const char* path, int flags, ...) {
  SEABAG_MODE(flags)
  return open_at(directory, path, flags, mode);
}

int creat(const char* path, mode_t mode) {
  return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char* path, mode_t mode) {
  return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

// What _FORTIFY_SOURCE makes of open without a mode.
int __open_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __openat_2(int directory, const char* path, int flags) {
  return open_at(directory, path, flags, 0);
}
int __openat64_2(int directory, const char* path, int flags) {
  return open_at(directory, path, flags, 0);
}

mode_t umask(mode_t mask) noexcept {
  const mode_t before = SEABAG_NATIVE(umask)(mask);
  the_mask.store(mask & 0777);
  is_mask_known.store(true);
  return before;
}

}  // extern "C"
