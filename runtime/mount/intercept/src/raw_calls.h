#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>

/// System calls made without the C library's functions, which may be the ones that interception has
/// replaced. Each returns what the kernel does: a negative errno on failure.
namespace seabag::intercept::raw {

#if defined(__x86_64__)
// NOLINTNEXTLINE(readability-function-size): syscall(2) takes as many
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0) {
  long result = 0;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
// NOLINTNEXTLINE(readability-function-size): syscall(2) takes as many
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
#else
#error "interception is written for x86-64 and aarch64"
#endif

inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

inline int process() { return static_cast<int>(call(SYS_getpid)); }

inline int open(const char* path, int flags, unsigned mode = 0) {
  return static_cast<int>(call(SYS_openat, AT_FDCWD, address(path), flags, mode));
}

inline int close(int descriptor) { return static_cast<int>(call(SYS_close, descriptor)); }

inline int status(int descriptor, struct stat& out) {
  return static_cast<int>(call(SYS_fstat, descriptor, address(&out)));
}

inline int status_at(const char* path, struct stat& out, int flags) {
  return static_cast<int>(call(SYS_newfstatat, AT_FDCWD, address(path), address(&out), flags));
}

inline long entries(int directory, void* buffer, std::size_t size) {
  return call(SYS_getdents64, directory, address(buffer), static_cast<long>(size));
}

inline long read_at(int descriptor, void* buffer, std::size_t size, long offset) {
  return call(SYS_pread64, descriptor, address(buffer), static_cast<long>(size), offset);
}

inline long write_at(int descriptor, const void* buffer, std::size_t size, long offset) {
  return call(SYS_pwrite64, descriptor, address(buffer), static_cast<long>(size), offset);
}

inline int memory_file(const char* name, unsigned flags) {
  return static_cast<int>(call(SYS_memfd_create, address(name), flags));
}

}  // namespace seabag::intercept::raw
