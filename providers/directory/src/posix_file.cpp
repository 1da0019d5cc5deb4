#include "posix_file.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "posix_object.h"
#include "posix_status.h"

namespace seabag::providers {
namespace {

/// Where a kernel file must end: offsets are signed there.
constexpr auto kMaxOffset = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

off_t kernel_offset(std::uint64_t offset) { return static_cast<off_t>(offset); }

/// Space that ran out after some bytes is a short write; any other error is told.
bool is_out_of_space(int number) { return number == ENOSPC || number == EDQUOT || number == EFBIG; }

/// Calls `write_some(rest)` until all is written.
template <typename Write>
Result<std::size_t> write_all(std::span<const std::byte> bytes, const char* operation,
                              Write write_some) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = uninterrupted([&] { return write_some(bytes.subspan(done), done); });
    if (count < 0) {
      if (done > 0 && is_out_of_space(errno)) {
        break;
      }
      return errno_error(errno, operation);
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> allocate_range(int descriptor, int mode, std::uint64_t offset, std::uint64_t length) {
  const int answer = uninterrupted(
      [&] { return ::fallocate(descriptor, mode, kernel_offset(offset), kernel_offset(length)); });
  if (answer != 0) {
    return errno_error(errno, "allocate");
  }
  return {};
}

}  // namespace

DirectoryFile::DirectoryFile(Tree& tree, vfs::NodeId node, Descriptor descriptor,
                             NodeTable::Opened mode)
    : tree_(tree),
      descriptor_(std::move(descriptor)),
      link_{.node = node, .descriptor = descriptor_.get(), .mode = mode} {
  tree_.nodes().open(link_);
}

DirectoryFile::~DirectoryFile() { tree_.nodes().close(link_); }

Result<std::size_t> DirectoryFile::read_at(std::span<std::byte> buffer,
                                           std::uint64_t offset) const {
  if (offset > kMaxOffset) {
    return std::size_t{0};
  }
  buffer = buffer.first(std::min<std::uint64_t>(buffer.size(), kMaxOffset - offset));
  std::size_t done = 0;
  do {
    const ssize_t count = uninterrupted([&] {
      return ::pread(descriptor_.get(), buffer.data() + done, buffer.size() - done,
                     kernel_offset(offset + done));
    });
    if (count < 0) {
      return errno_error(errno, "read");
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  } while (done < buffer.size());
  return done;
}

Result<vfs::Attributes> DirectoryFile::attributes() const {
  Status status = SEABAG_TRY(status_of(descriptor_.get(), "stat"));
  status.attributes.node = link_.node;
  return status.attributes;
}

Result<std::uint64_t> DirectoryFile::find_extent(vfs::ExtentKind kind, std::uint64_t offset) const {
  if (offset > kMaxOffset) {
    return errno_error(ENXIO, "seek");
  }
  const off_t found = ::lseek(descriptor_.get(), kernel_offset(offset),
                              kind == vfs::ExtentKind::data ? SEEK_DATA : SEEK_HOLE);
  if (found < 0) {
    return errno_error(errno, "seek");
  }
  return static_cast<std::uint64_t>(found);
}

Result<std::size_t> DirectoryFile::write_at(std::span<const std::byte> bytes,
                                            std::uint64_t offset) {
  if (offset > kMaxOffset || bytes.size() > kMaxOffset - offset) {
    return errno_error(EFBIG, "write");
  }
  return write_all(bytes, "write", [&](std::span<const std::byte> rest, std::size_t done) {
    return ::pwrite(descriptor_.get(), rest.data(), rest.size(), kernel_offset(offset + done));
  });
}

Result<std::size_t> DirectoryFile::append(std::span<const std::byte> bytes) {
  auto appended = write_all(bytes, "append", [&](std::span<const std::byte> rest, std::size_t) {
    // The kernel only reads; iovec knows no const.
    const struct iovec piece = {.iov_base = const_cast<std::byte*>(rest.data()),
                                .iov_len = rest.size()};
    return ::pwritev2(descriptor_.get(), &piece, 1, 0, RWF_APPEND);
  });
  if (!appended && (appended.error().is(std::errc::operation_not_supported) ||
                    appended.error().is(std::errc::function_not_supported))) {
    return append_slowly(bytes);
  }
  return appended;
}

Result<std::size_t> DirectoryFile::append_slowly(std::span<const std::byte> bytes) {
  const auto lock = tree_.lock_appends();
  const Status status = SEABAG_TRY(status_of(descriptor_.get(), "append"));
  return write_at(bytes, status.attributes.size);
}

Result<void> DirectoryFile::resize(std::uint64_t size) {
  return set_size(descriptor_.get(), size, "truncate");
}

Result<void> DirectoryFile::allocate(vfs::AllocateMode mode, std::uint64_t offset,
                                     std::uint64_t length) {
  if (length == 0) {
    return errno_error(EINVAL, "allocate");
  }
  if (offset > kMaxOffset || length > kMaxOffset - offset) {
    return errno_error(EFBIG, "allocate");
  }
  switch (mode) {
    case vfs::AllocateMode::extend:
      return allocate_range(descriptor_.get(), 0, offset, length);
    case vfs::AllocateMode::keep_size:
      return allocate_range(descriptor_.get(), FALLOC_FL_KEEP_SIZE, offset, length);
    case vfs::AllocateMode::punch_hole:
      return allocate_range(descriptor_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                            length);
    case vfs::AllocateMode::zero_range:
      return zero_range(offset, length);
  }
  return errno_error(EINVAL, "allocate");
}

Result<void> DirectoryFile::zero_range(std::uint64_t offset, std::uint64_t length) {
  auto zeroed = allocate_range(descriptor_.get(), FALLOC_FL_ZERO_RANGE, offset, length);
  if (zeroed || !zeroed.error().is(std::errc::operation_not_supported)) {
    return zeroed;
  }
  // tmpfs has no ZERO_RANGE: a hole that is filled again reads the same.
  SEABAG_TRY(allocate_range(descriptor_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                            length));
  return allocate_range(descriptor_.get(), 0, offset, length);
}

Result<void> DirectoryFile::sync(vfs::SyncScope scope) {
  const int answer = uninterrupted([&] {
    return scope == vfs::SyncScope::data ? ::fdatasync(descriptor_.get())
                                         : ::fsync(descriptor_.get());
  });
  if (answer != 0) {
    return errno_error(errno, "sync");
  }
  return {};
}

}  // namespace seabag::providers
