#include "posix_resolver.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "posix_status.h"
#include "seabag/vfs/node.h"

namespace seabag::providers {
namespace {

constexpr int kFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
/// How often openat2 may say that a rename or mount ran into its walk (EAGAIN).
constexpr int kMaxAttempts = 64;

/// Where the piece ends that one system call can take.
std::size_t piece_end(std::string_view path, std::size_t begin, bool one_name) {
  if (one_name) {
    return std::min(path.find('/', begin), path.size());
  }
  constexpr std::size_t kMaxPiece = vfs::kMaxPathLength - 1;
  if (path.size() - begin <= kMaxPiece) {
    return path.size();
  }
  return path.rfind('/', begin + kMaxPiece);
}

long open_beneath(int at, const char* path, int flags, bool crosses_mounts) {
  struct open_how how = {};
  how.flags = static_cast<__u64>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  if (!crosses_mounts) {
    how.resolve |= RESOLVE_NO_XDEV;
  }
  for (int attempt = 1;; ++attempt) {
    const long number = ::syscall(SYS_openat2, at, path, &how, sizeof how);
    if (number >= 0 || (errno != EAGAIN && errno != EINTR) || attempt == kMaxAttempts) {
      return number;
    }
  }
}

}  // namespace

Resolver::Resolver(Descriptor root, std::uint64_t root_mount, const DirectoryOptions& options)
    : root_(std::move(root)),
      root_mount_(root_mount),
      crosses_mounts_(options.mounts == DirectoryOptions::Mounts::cross),
      walks_(options.resolution == DirectoryOptions::Resolution::walk) {}

Result<Descriptor> Resolver::open(std::string path, const char* operation) const {
  Descriptor found;
  int at = root();
  for (std::size_t begin = 0; begin < path.size();) {
    // Decided once a piece: what was cut for openat2 must never reach openat, which would follow
    // links in the middle.
    const bool walks = walks_.load(std::memory_order_relaxed);
    const std::size_t end = piece_end(path, begin, walks);
    const bool is_last = end == path.size();
    if (!is_last) {
      path[end] = '\0';
    }
    const char* piece = path.c_str() + begin;
    auto next = walks ? open_name(at, piece, operation) : open_names(at, piece, operation);
    if (!walks && !next && next.error().is(std::errc::function_not_supported)) {
      if (!is_last) {
        path[end] = '/';
      }
      continue;  // the same piece again, now name by name
    }
    found = SEABAG_TRY(std::move(next));
    at = found.get();
    begin = end + 1;
  }
  return found;
}

Descriptor Resolver::open_at_once(const char* path, Purpose purpose) const {
  constexpr int kReading = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  if (walks_.load(std::memory_order_relaxed)) {
    return {};
  }
  const int flags = purpose == Purpose::look ? kFlags : kReading;
  return Descriptor(static_cast<int>(open_beneath(root(), path, flags, crosses_mounts_)));
}

Result<Descriptor> Resolver::open_names(int at, const char* path, const char* operation) const {
  const long number = open_beneath(at, path, kFlags, crosses_mounts_);
  if (number >= 0) {
    return Descriptor(static_cast<int>(number));
  }
  // A filter that does not know the call says EPERM; opening with O_PATH never does.
  if (errno == ENOSYS || errno == EPERM) {
    walks_.store(true, std::memory_order_relaxed);
    return errno_error(ENOSYS, operation);
  }
  return errno_error(errno, operation);
}

Result<Descriptor> Resolver::open_name(int at, const char* name, const char* operation) const {
  // Below anything but a directory, a symlink included, the kernel says ENOTDIR.
  Descriptor found(uninterrupted([&] { return ::openat(at, name, kFlags); }));
  if (!found.is_open()) {
    return errno_error(errno, operation);
  }
  if (!crosses_mounts_) {
    const Status status = SEABAG_TRY(status_of(found.get(), operation));
    if (!may_enter(status.mount)) {
      return errno_error(EXDEV, operation);
    }
  }
  return found;
}

}  // namespace seabag::providers
