#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// Owns a file descriptor. Move-only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// Owns a read-only shared map of a part of a file. Move-only.
class Mapping {
 public:
  Mapping() = default;
  explicit Mapping(std::span<const std::byte> bytes) : bytes_(bytes) {}
  ~Mapping();
  Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;  ///< owned: unmapped by the destructor
};

/// open(2) with O_CLOEXEC; the descriptor is 3 or higher, so that a program started without its
/// standard descriptors does not print into it.
[[nodiscard]] Result<Descriptor> open_file(const std::string& path, int flags, unsigned mode = 0);

/// One more descriptor of the same open file, 3 or higher.
[[nodiscard]] Result<Descriptor> duplicate(int descriptor);

/// Size of a regular file; EINVAL for anything else, with the kind in the detail.
[[nodiscard]] Result<std::uint64_t> regular_file_size(int descriptor);

/// Reads from `offset` until the buffer is full or the file ends; the number of bytes.
[[nodiscard]] Result<std::size_t> read_up_to(int descriptor, std::span<std::byte> buffer,
                                             std::uint64_t offset);

/// Fills the buffer from `offset`. EIO-like `truncated` of the bundle category when the file ends
/// before.
[[nodiscard]] Result<void> read_exactly(int descriptor, std::span<std::byte> buffer,
                                        std::uint64_t offset);

/// Writes all bytes at `offset`. Errors of pwrite(2).
[[nodiscard]] Result<void> write_exactly(int descriptor, std::span<const std::byte> bytes,
                                         std::uint64_t offset);

/// Maps a part of a file; `offset` must be a multiple of the page size.
[[nodiscard]] Result<Mapping> map_file(int descriptor, std::uint64_t offset, std::uint64_t length);

/// Whether a byte of memory can be read: asks the kernel, which answers EFAULT where a load would
/// raise SIGBUS (behind the end of a truncated file).
[[nodiscard]] bool is_readable(const std::byte* address);

}  // namespace seabag::bundle
