// syscall(2), by which some libraries (libuv) go to newer system calls that have a hook here.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

template <typename Pointer>
Pointer pointer(long value) {
  return reinterpret_cast<Pointer>(value);
}

long native(long number, const std::array<long, 6>& a) {
  const long result = raw::call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  constexpr long kMostNumbers = 4095;
  if (result < 0 && result >= -kMostNumbers) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

long call(long number, const std::array<long, 6>& a) {
  const auto first = static_cast<int>(a[0]);
  const auto* path = pointer<const char*>(a[1]);
  switch (number) {
    case SYS_openat:
      return openat(first, path, static_cast<int>(a[2]), static_cast<mode_t>(a[3]));
    case SYS_statx:
      return statx(first, path, static_cast<int>(a[2]), static_cast<unsigned>(a[3]),
                   pointer<struct statx*>(a[4]));
    case SYS_faccessat:
      return faccessat(first, path, static_cast<int>(a[2]), 0);
#ifdef SYS_faccessat2
    case SYS_faccessat2:
      return faccessat(first, path, static_cast<int>(a[2]), static_cast<int>(a[3]));
#endif
    case SYS_renameat2:
      return renameat2(first, path, static_cast<int>(a[2]), pointer<const char*>(a[3]),
                       static_cast<unsigned>(a[4]));
    default:
      return native(number, a);
  }
}

}  // namespace

void link_system_call_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

long syscall(long number, ...) noexcept {
  std::array<long, 6> arguments{};
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) {
    argument = va_arg(list, long);
  }
  va_end(list);
  return call(number, arguments);
}

}  // extern "C"
