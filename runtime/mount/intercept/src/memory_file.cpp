#include "memory_file.h"

#include <linux/falloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <limits>
#include <memory>

namespace seabag::intercept {

namespace {

// The name shows in /proc/PID/maps and nowhere else.
constexpr const char* kName = "seabag";
constexpr std::size_t kPiece = 256 * 1024;
constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

Error raw_error(long result, const char* operation) {
  return errno_error(static_cast<int>(-result), operation);
}

Result<void> done(long result, const char* operation) {
  if (result < 0) {
    return raw_error(result, operation);
  }
  return {};
}

Result<std::size_t> counted(long result, const char* operation) {
  if (result < 0) {
    return raw_error(result, operation);
  }
  return static_cast<std::size_t>(result);
}

Result<void> write_all(int file, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const std::size_t count = SEABAG_TRY(write_at(file, bytes, offset));
    bytes = bytes.subspan(count);
    offset += count;
  }
  return {};
}

// What follows `offset`: the extent's end, bounded by the size of a copy's piece.
std::size_t piece(std::uint64_t offset, std::uint64_t end) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, end - offset));
}

Result<void> copy_in(int to, const vfs::File& from, std::uint64_t offset, std::uint64_t end,
                     std::span<std::byte> buffer) {
  while (offset < end) {
    const std::size_t count = SEABAG_TRY(from.read_at(buffer.first(piece(offset, end)), offset));
    if (count == 0) {
      return {};
    }
    SEABAG_TRY(write_all(to, buffer.first(count), offset));
    offset += count;
  }
  return {};
}

Result<void> copy_out(int from, vfs::WritableFile& to, std::uint64_t offset, std::uint64_t end,
                      std::span<std::byte> buffer) {
  while (offset < end) {
    const std::size_t count = SEABAG_TRY(read_at(from, buffer.first(piece(offset, end)), offset));
    if (count == 0) {
      return {};
    }
    const std::size_t written = SEABAG_TRY(to.write_at(buffer.first(count), offset));
    if (written < count) {
      return make_error(std::errc::no_space_on_device, "write");
    }
    offset += count;
  }
  return {};
}

// The directory of this process's descriptors: held open, it saves half of the way there.
std::atomic<int> the_own_descriptors{-1};

// The child's descriptors are others.
void forget_own_descriptors() {
  if (const int folder = the_own_descriptors.exchange(-1); folder >= 0) {
    raw::close(folder);
  }
}

int own_descriptors() {
  const int known = the_own_descriptors.load(std::memory_order_relaxed);
  if (known >= 0) {
    return known;
  }
  static const int unwatched = pthread_atfork(nullptr, nullptr, forget_own_descriptors);
  if (unwatched != 0) {
    return -1;
  }
  const int opened = raw::open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int nothing = -1;
  if (opened < 0 || the_own_descriptors.compare_exchange_strong(nothing, opened)) {
    return opened;
  }
  raw::close(opened);
  return nothing;
}

bool is_end(const Error& error) { return error.is(std::errc::no_such_device_or_address); }

// Makes a hole where there is data.
Result<void> clear(vfs::WritableFile& file, std::uint64_t offset, std::uint64_t end) {
  if (offset >= end) {
    return {};
  }
  const auto data = file.find_extent(vfs::ExtentKind::data, offset);
  if (!data) {
    return is_end(data.error()) ? Result<void>() : Result<void>(data.error());
  }
  return *data < end ? file.allocate(vfs::AllocateMode::punch_hole, offset, end - offset)
                     : Result<void>();
}

}  // namespace

Result<Descriptor> make_memory_file() {
  const int file = raw::memory_file(kName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) {
    return raw_error(file, "memfd_create");
  }
  return Descriptor(file);
}

Result<Descriptor> make_sealed_file(std::string_view bytes, std::uint32_t mode) {
  Descriptor file = SEABAG_TRY(make_memory_file());
  SEABAG_TRY(write_all(file.get(), std::as_bytes(std::span(bytes)), 0));
  SEABAG_TRY(set_mode(file.get(), mode));
  SEABAG_TRY(seal(file.get()));
  return file;
}

Result<void> seal(int file) {
  return done(raw::call(SYS_fcntl, file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
              "seal");
}

Result<Descriptor> reopen(int file, int flags) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "%d", file);
  const auto opened =
      static_cast<int>(raw::call(SYS_openat, own_descriptors(), raw::address(name.data()), flags));
  if (opened < 0) {
    return raw_error(opened, "open");
  }
  return Descriptor(opened);
}

Result<MemoryStatus> status_of(int file) {
  struct stat status {};
  SEABAG_TRY(done(raw::status(file, status), "fstat"));
  return MemoryStatus{
      .inode = status.st_ino,
      .size = static_cast<std::uint64_t>(status.st_size),
      .blocks = static_cast<std::uint64_t>(status.st_blocks),
      .mode = status.st_mode & 07777,
      .modified = {.seconds = status.st_mtim.tv_sec,
                   .nanoseconds = static_cast<std::uint32_t>(status.st_mtim.tv_nsec)}};
}

Result<void> set_mode(int file, std::uint32_t mode) {
  return done(raw::call(SYS_fchmod, file, mode), "fchmod");
}

Result<void> set_modified(int file, vfs::Timestamp when) {
  const std::array<timespec, 2> times = {
      timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
      timespec{.tv_sec = when.seconds, .tv_nsec = static_cast<long>(when.nanoseconds)}};
  return done(raw::call(SYS_utimensat, file, 0, raw::address(times.data()), 0), "utimensat");
}

Result<void> resize(int file, std::uint64_t size) {
  if (size > kLargest) {
    return make_error(std::errc::file_too_large, "truncate");
  }
  return done(raw::call(SYS_ftruncate, file, static_cast<long>(size)), "truncate");
}

Result<std::size_t> read_at(int file, std::span<std::byte> buffer, std::uint64_t offset) {
  if (offset > kLargest) {
    return std::size_t{0};
  }
  return counted(raw::read_at(file, buffer.data(), buffer.size(), static_cast<long>(offset)),
                 "read");
}

Result<std::size_t> write_at(int file, std::span<const std::byte> bytes, std::uint64_t offset) {
  if (offset > kLargest - bytes.size()) {
    return make_error(std::errc::file_too_large, "write");
  }
  return counted(raw::write_at(file, bytes.data(), bytes.size(), static_cast<long>(offset)),
                 "write");
}

Result<std::size_t> append(int file, std::span<const std::byte> bytes) {
  const Descriptor end = SEABAG_TRY(reopen(file, O_WRONLY | O_APPEND | O_CLOEXEC));
  return counted(
      raw::call(SYS_write, end.get(), raw::address(bytes.data()), static_cast<long>(bytes.size())),
      "write");
}

Result<std::uint64_t> find_extent(int file, vfs::ExtentKind kind, std::uint64_t offset) {
  if (offset > kLargest) {
    return make_error(std::errc::no_such_device_or_address, "lseek");
  }
  // A seek moves the description's position, which nobody uses: clients have their own.
  const long found = raw::call(SYS_lseek, file, static_cast<long>(offset),
                               kind == vfs::ExtentKind::data ? SEEK_DATA : SEEK_HOLE);
  if (found < 0) {
    return raw_error(found, "lseek");
  }
  return static_cast<std::uint64_t>(found);
}

Result<void> allocate(int file, vfs::AllocateMode mode, std::uint64_t offset,
                      std::uint64_t length) {
  if (length == 0) {
    return make_error(std::errc::invalid_argument, "fallocate");
  }
  if (length > kLargest || offset > kLargest - length) {
    return make_error(std::errc::file_too_large, "fallocate");
  }
  constexpr std::array<int, 4> kModes = {
      0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE};
  return done(raw::call(SYS_fallocate, file, kModes[static_cast<std::size_t>(mode)],
                        static_cast<long>(offset), static_cast<long>(length)),
              "fallocate");
}

bool is_unshared(int file) {
  // A lease is given when the descriptor that asks is the only one. What memfd_create returned is
  // not counted, neither as itself nor as another, so a counted one asks.
  const auto counted = reopen(file, O_RDONLY | O_CLOEXEC);
  if (!counted) {
    return false;
  }
  // Who opens the file at this very moment breaks the lease, which must not end this process.
  raw::call(SYS_fcntl, counted->get(), F_SETSIG, SIGURG);
  if (raw::call(SYS_fcntl, counted->get(), F_SETLEASE, F_WRLCK) < 0) {
    return false;
  }
  raw::call(SYS_fcntl, counted->get(), F_SETLEASE, F_UNLCK);
  return true;
}

Result<void> fill(int to, const vfs::File& from, std::uint64_t size) {
  SEABAG_TRY(resize(to, size));
  const auto buffer = std::make_unique<std::byte[]>(
      static_cast<std::size_t>(std::min<std::uint64_t>(size, kPiece)));
  const std::span<std::byte> room(buffer.get(),
                                  static_cast<std::size_t>(std::min<std::uint64_t>(size, kPiece)));
  std::uint64_t offset = 0;
  while (offset < size) {
    const auto data = from.find_extent(vfs::ExtentKind::data, offset);
    if (!data) {
      return is_end(data.error()) ? Result<void>() : Result<void>(data.error());
    }
    const std::uint64_t end =
        std::min(size, SEABAG_TRY(from.find_extent(vfs::ExtentKind::hole, *data)));
    SEABAG_TRY(copy_in(to, from, *data, end, room));
    offset = std::max(end, *data + 1);
  }
  return {};
}

Result<void> store(int from, vfs::WritableFile& to) {
  const std::uint64_t size = SEABAG_TRY(status_of(from)).size;
  SEABAG_TRY(to.resize(size));
  const auto buffer = std::make_unique<std::byte[]>(kPiece);
  std::uint64_t offset = 0;
  while (offset < size) {
    const auto data = find_extent(from, vfs::ExtentKind::data, offset);
    if (!data && !is_end(data.error())) {
      return data.error();
    }
    const std::uint64_t begin = data ? *data : size;
    SEABAG_TRY(clear(to, offset, begin));
    if (begin == size) {
      return {};
    }
    const std::uint64_t end =
        std::min(size, SEABAG_TRY(find_extent(from, vfs::ExtentKind::hole, begin)));
    SEABAG_TRY(copy_out(from, to, begin, end, {buffer.get(), kPiece}));
    offset = std::max(end, begin + 1);
  }
  return {};
}

}  // namespace seabag::intercept
