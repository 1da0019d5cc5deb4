#include "posix_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "seabag/bundle/error.h"

namespace seabag::bundle {
namespace {

/// The first number that is not standard input, output or error.
constexpr int kFirstDescriptor = 3;

}  // namespace

Descriptor::~Descriptor() {
  if (is_open()) {
    close(number_);
  }
}

Mapping::~Mapping() {
  if (!bytes_.empty()) {
    // munmap takes the address as mutable, though nothing is written.
    munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
}

Result<Descriptor> open_file(const std::string& path, int flags, unsigned mode) {
  Descriptor opened(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!opened.is_open()) {
    return errno_error(errno, "open", path);
  }
  if (opened.number() >= kFirstDescriptor) {
    return opened;
  }
  return duplicate(opened.number());
}

Result<Descriptor> duplicate(int descriptor) {
  Descriptor copy(fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstDescriptor));
  if (!copy.is_open()) {
    return errno_error(errno, "dup");
  }
  return copy;
}

Result<std::uint64_t> regular_file_size(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) {
    return errno_error(errno, "stat");
  }
  if (S_ISDIR(status.st_mode)) {
    return make_error(std::errc::is_a_directory, "open");
  }
  if (!S_ISREG(status.st_mode)) {
    return make_error(std::errc::invalid_argument, "open", {}, "it is no regular file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> read_up_to(int descriptor, std::span<std::byte> buffer, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count = pread(descriptor, buffer.data() + done, buffer.size() - done,
                                static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return errno_error(errno, "read");
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> read_exactly(int descriptor, std::span<std::byte> buffer, std::uint64_t offset) {
  if (SEABAG_TRY(read_up_to(descriptor, buffer, offset)) < buffer.size()) {
    return bundle_error(BundleErrc::truncated, "read");
  }
  return {};
}

Result<void> write_exactly(int descriptor, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count =
        pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return errno_error(errno, "write");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<Mapping> map_file(int descriptor, std::uint64_t offset, std::uint64_t length) {
  if (length == 0) {
    return Mapping();
  }
  void* address =
      mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(offset));
  if (address == MAP_FAILED) {
    return errno_error(errno, "mmap");
  }
  return Mapping(std::span(static_cast<const std::byte*>(address), length));
}

bool is_readable(const std::byte* address) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return false;
  }
  const Descriptor out(ends[0]);
  const Descriptor in(ends[1]);
  return write(in.number(), address, 1) == 1;
}

}  // namespace seabag::bundle
