// stat(2) and its kin, access(2), statvfs(3).
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "found_cache.h"
#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

bool asks_for_descriptor(const char* path, int flags) {
  return (flags & AT_EMPTY_PATH) != 0 && path != nullptr && path[0] == '\0';
}

// The attributes of a virtual directory that a descriptor stands for.
int directory_status(int descriptor, struct stat* out) {
  Errand errand(Operation::status);
  if (!errand.take(descriptor, ".")) {
    errno = ENOENT;
    return -1;
  }
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return raw::status_at(errand.real_path(), *out, 0) == 0 ? 0 : -1;
  }
  if (ending == Ending::done) {
    fill_status(errand.answer().status, *out);
  }
  return errand.result(ending);
}

// After the native call: a memory file is a node of a mount, or the program's own.
int complete_status(int descriptor, struct stat* out) {
  if (is_inside()) {
    return 0;
  }
  if ((out->st_mode & S_ISVTX) != 0) {
    return is_virtual_directory(descriptor) ? directory_status(descriptor, out) : 0;
  }
  const int before = errno;
  Errand errand(Operation::status_of_file);
  errand.request().number = out->st_ino;
  if (errand.run() == Ending::done) {
    const off_t size = out->st_size;
    const blkcnt_t blocks = out->st_blocks;
    fill_status(errand.answer().status, *out);
    out->st_size = size;
    out->st_blocks = blocks;
  }
  errno = before;
  return 0;
}

int descriptor_status(int descriptor, struct stat* out) {
  const int done = SEABAG_NATIVE(fstat)(descriptor, out);
  const MountPage* mounts = page();
  return done == 0 && mounts != nullptr && out->st_dev == mounts->memory_device
             ? complete_status(descriptor, out)
             : done;
}

int status_at(int directory, const char* path, struct stat* out, int flags) {
  if (asks_for_descriptor(path, flags)) {
    return directory == AT_FDCWD ? status_anywhere(AT_FDCWD, ".", out, flags & ~AT_EMPTY_PATH)
                                 : descriptor_status(directory, out);
  }
  return is_outside(directory, path) ? SEABAG_NATIVE(fstatat)(directory, path, out, flags)
                                     : status_anywhere(directory, path, out, flags);
}

statx_timestamp extended(const timespec& time) {
  return {.tv_sec = time.tv_sec, .tv_nsec = static_cast<std::uint32_t>(time.tv_nsec)};
}

void extend(const struct stat& from, const WireTime* created, struct statx* to) {
  *to = {};
  to->stx_mask = STATX_BASIC_STATS;
  to->stx_blksize = static_cast<std::uint32_t>(from.st_blksize);
  to->stx_nlink = static_cast<std::uint32_t>(from.st_nlink);
  to->stx_uid = from.st_uid;
  to->stx_gid = from.st_gid;
  to->stx_mode = static_cast<std::uint16_t>(from.st_mode);
  to->stx_ino = from.st_ino;
  to->stx_size = static_cast<std::uint64_t>(from.st_size);
  to->stx_blocks = static_cast<std::uint64_t>(from.st_blocks);
  to->stx_atime = extended(from.st_atim);
  to->stx_mtime = extended(from.st_mtim);
  to->stx_ctime = extended(from.st_ctim);
  if (created != nullptr) {
    to->stx_mask |= STATX_BTIME;
    to->stx_btime = {.tv_sec = created->seconds,
                     .tv_nsec = static_cast<std::uint32_t>(created->nanoseconds)};
  }
  to->stx_rdev_major = gnu_dev_major(from.st_rdev);
  to->stx_rdev_minor = gnu_dev_minor(from.st_rdev);
  to->stx_dev_major = gnu_dev_major(from.st_dev);
  to->stx_dev_minor = gnu_dev_minor(from.st_dev);
}

bool is_memory(const struct statx& status) {
  const MountPage* mounts = page();
  return mounts != nullptr &&
         gnu_dev_makedev(status.stx_dev_major, status.stx_dev_minor) == mounts->memory_device;
}

int access_at(int directory, const char* path, int mode, int flags) {
  if (is_outside(directory, path)) {
    return SEABAG_NATIVE(faccessat)(directory, path, mode, flags);
  }
  Errand errand(Operation::access);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(faccessat)(directory, path, mode, flags);
  }
  errand.request().mode = static_cast<std::uint32_t>(mode);
  errand.request().flags = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : kFollow;
  const Ending ending = errand.run();
  return ending == Ending::real
             ? SEABAG_NATIVE(faccessat)(AT_FDCWD, errand.real_path(), mode, flags)
             : errand.result(ending);
}

constexpr std::size_t kNumbers = 6;

// The host's answer: block size, blocks, free blocks, nodes, free nodes, whether read-only.
Ending ask_file_system(Errand& errand, std::array<std::uint64_t, kNumbers>& numbers) {
  const Ending ending = errand.run();
  if (ending == Ending::done) {
    std::memcpy(numbers.data(), errand.data(), sizeof(numbers));
  }
  return ending;
}

constexpr long kMagic = 0x53424147;

void fill_file_system(const std::array<std::uint64_t, kNumbers>& numbers, struct statfs* out) {
  *out = {};
  out->f_type = kMagic;
  out->f_bsize = static_cast<long>(numbers[0]);
  out->f_frsize = out->f_bsize;
  out->f_blocks = numbers[1];
  out->f_bfree = numbers[2];
  out->f_bavail = numbers[2];
  out->f_files = numbers[3];
  out->f_ffree = numbers[4];
  out->f_namelen = 255;
  out->f_flags = numbers[5] != 0 ? ST_RDONLY : 0;
}

void fill_file_system(const std::array<std::uint64_t, kNumbers>& numbers, struct statvfs* out) {
  *out = {};
  out->f_bsize = numbers[0];
  out->f_frsize = numbers[0];
  out->f_blocks = numbers[1];
  out->f_bfree = numbers[2];
  out->f_bavail = numbers[2];
  out->f_files = numbers[3];
  out->f_ffree = numbers[4];
  out->f_favail = numbers[4];
  out->f_namemax = 255;
  out->f_flag = numbers[5] != 0 ? ST_RDONLY : 0;
}

template <typename Out, typename Native>
int file_system_at(const char* path, Out* out, Native native) {
  if (is_outside(AT_FDCWD, path)) {
    return native(path, out);
  }
  Errand errand(Operation::file_system);
  if (!errand.take(AT_FDCWD, path)) {
    return native(path, out);
  }
  std::array<std::uint64_t, kNumbers> numbers{};
  const Ending ending = ask_file_system(errand, numbers);
  if (ending == Ending::real) {
    return native(errand.real_path(), out);
  }
  if (ending == Ending::done) {
    fill_file_system(numbers, out);
  }
  return errand.result(ending);
}

}  // namespace

int status_anywhere(int directory, const char* path, struct stat* out, int flags) {
  const bool follows = (flags & AT_SYMLINK_NOFOLLOW) == 0;
  if (follows && recall_status(path, *out)) {
    return 0;
  }
  const Moment moment = moment_now();
  Errand errand(Operation::status);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(fstatat)(directory, path, out, flags);
  }
  errand.request().flags = follows ? kFollow : 0;
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return SEABAG_NATIVE(fstatat)(AT_FDCWD, errand.real_path(), out, flags);
  }
  if (ending == Ending::done) {
    fill_status(errand.answer().status, *out);
    if (follows) {
      remember_status({.path = path, .moment = moment, .marks = errand.answer().marks},
                      errand.answer().status);
    }
  }
  return errand.result(ending);
}

void link_status_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

namespace {

// On a 64-bit system the two structs are one.
struct stat* plain(struct stat64* status) {
  return reinterpret_cast<struct stat*>(status);
}
static_assert(sizeof(struct stat) == sizeof(struct stat64));

}  // namespace

extern "C" {

int stat(const char* path, struct stat* out) noexcept { return status_at(AT_FDCWD, path, out, 0); }
int stat64(const char* path, struct stat64* out) noexcept {
  return status_at(AT_FDCWD, path, plain(out), 0);
}
int lstat(const char* path, struct stat* out) noexcept {
  return status_at(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}
int lstat64(const char* path, struct stat64* out) noexcept {
  return status_at(AT_FDCWD, path, plain(out), AT_SYMLINK_NOFOLLOW);
}
int fstat(int descriptor, struct stat* out) noexcept { return descriptor_status(descriptor, out); }
int fstat64(int descriptor, struct stat64* out) noexcept {
  return descriptor_status(descriptor, plain(out));
}
int fstatat(int directory, const char* path, struct stat* out, int flags) noexcept {
  return status_at(directory, path, out, flags);
}
int fstatat64(int directory, const char* path, struct stat64* out, int flags) noexcept {
  return status_at(directory, path, plain(out), flags);
}

// What programs call that were built against a C library before 2.33.
int __xstat(int, const char* path, struct stat* out) noexcept {
  return status_at(AT_FDCWD, path, out, 0);
}
int __xstat64(int, const char* path, struct stat64* out) noexcept {
  return status_at(AT_FDCWD, path, plain(out), 0);
}
int __lxstat(int, const char* path, struct stat* out) noexcept {
  return status_at(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}
int __lxstat64(int, const char* path, struct stat64* out) noexcept {
  return status_at(AT_FDCWD, path, plain(out), AT_SYMLINK_NOFOLLOW);
}
int __fxstat(int, int descriptor, struct stat* out) noexcept {
  return descriptor_status(descriptor, out);
}
int __fxstat64(int, int descriptor, struct stat64* out) noexcept {
  return descriptor_status(descriptor, plain(out));
}
int __fxstatat(int, int directory, const char* path, struct stat* out, int flags) noexcept {
  return status_at(directory, path, out, flags);
}
int __fxstatat64(int, int directory, const char* path, struct stat64* out, int flags) noexcept {
  return status_at(directory, path, plain(out), flags);
}

int statx(int directory, const char* path, int flags, unsigned mask, struct statx* out) noexcept {
  const bool is_descriptor = asks_for_descriptor(path, flags);
  if (is_descriptor || is_outside(directory, path)) {
    const int done = SEABAG_NATIVE(statx)(directory, path, flags, mask, out);
    if (done != 0 || !is_descriptor || !is_memory(*out)) {
      return done;
    }
    struct stat status {};
    const int completed = descriptor_status(directory, &status);
    extend(status, nullptr, out);
    return completed;
  }
  Errand errand(Operation::status);
  if (!errand.take(directory, path)) {
    return SEABAG_NATIVE(statx)(directory, path, flags, mask, out);
  }
  errand.request().flags = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : kFollow;
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return SEABAG_NATIVE(statx)(AT_FDCWD, errand.real_path(), flags, mask, out);
  }
  if (ending == Ending::done) {
    struct stat status {};
    fill_status(errand.answer().status, status);
    extend(status, &errand.answer().status.created, out);
  }
  return errand.result(ending);
}

int access(const char* path, int mode) noexcept { return access_at(AT_FDCWD, path, mode, 0); }
int euidaccess(const char* path, int mode) noexcept {
  return access_at(AT_FDCWD, path, mode, AT_EACCESS);
}
int eaccess(const char* path, int mode) noexcept {
  return access_at(AT_FDCWD, path, mode, AT_EACCESS);
}
int faccessat(int directory, const char* path, int mode, int flags) noexcept {
  return access_at(directory, path, mode, flags);
}

int statfs(const char* path, struct statfs* out) noexcept {
  return file_system_at(path, out, SEABAG_NATIVE(statfs));
}
int statfs64(const char* path, struct statfs64* out) noexcept {
  return file_system_at(path, reinterpret_cast<struct statfs*>(out), SEABAG_NATIVE(statfs));
}
int statvfs(const char* path, struct statvfs* out) noexcept {
  return file_system_at(path, out, SEABAG_NATIVE(statvfs));
}
int statvfs64(const char* path, struct statvfs64* out) noexcept {
  return file_system_at(path, reinterpret_cast<struct statvfs*>(out), SEABAG_NATIVE(statvfs));
}

}  // extern "C"
