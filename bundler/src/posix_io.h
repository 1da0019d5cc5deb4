#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "posix_descriptor.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// The system calls that several parts of the bundler share, with errno turned into Error.
namespace seabag::bundler {

/// Which file this is, on this machine.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// What stat(2) says, as far as packing cares.
struct FileStatus {
  FileIdentity identity;
  vfs::FileType type = vfs::FileType::regular;
  std::uint32_t mode = 0;  ///< 07777
  std::uint64_t links = 1;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0;  ///< bytes of disk; less than `size` for a sparse file
  vfs::Timestamp modified;
  vfs::Timestamp changed;

  /// Whether both describe the same content of the same file. `allocated` may change by itself,
  /// when the file system gets round to it.
  [[nodiscard]] bool is_same_state(const FileStatus& other) const {
    return identity == other.identity && size == other.size && modified == other.modified &&
           changed == other.changed;
  }
};

/// fstat(2). Errors carry `path`.
[[nodiscard]] Result<FileStatus> status_of(int descriptor, std::string_view path);

/// fstatat(2); a symlink is not followed. `name` ends in NUL.
[[nodiscard]] Result<FileStatus> status_at(int directory, const char* name, std::string_view path);

/// stat(2); symlinks are followed.
[[nodiscard]] Result<FileStatus> status_of_path(const std::string& path);

/// open(2) for reading; symlinks are followed.
[[nodiscard]] Result<Descriptor> open_to_read(const std::string& path);

/// openat(2) with O_CLOEXEC, O_NOCTTY and O_NONBLOCK, restarted after signals.
[[nodiscard]] Result<Descriptor> open_at(int directory, const char* name, int flags,
                                         std::string_view path);

/// Reads until `buffer` is full or the file ends; the number of bytes read.
[[nodiscard]] Result<std::size_t> read_at(int descriptor, std::span<std::byte> buffer,
                                          std::uint64_t offset, std::string_view path);

/// Reads from the current position until at least `enough` bytes have come, `buffer` is full or the
/// file ends; the number of bytes read. With `enough` one less than the buffer, one call tells
/// whether a file of that size has ended.
[[nodiscard]] Result<std::size_t> read_next(int descriptor, std::span<std::byte> buffer,
                                            std::size_t enough, std::string_view path);

/// Writes all of `bytes`.
[[nodiscard]] Result<void> write_at(int descriptor, std::span<const std::byte> bytes,
                                    std::uint64_t offset, std::string_view path);

/// ftruncate(2).
[[nodiscard]] Result<void> resize(int descriptor, std::uint64_t size, std::string_view path);

/// The first data at or after `offset`, and where that run of data ends; `size` for both when only
/// a hole follows. A file system without holes has one run.
struct DataRun {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
[[nodiscard]] Result<DataRun> next_data(int descriptor, std::uint64_t offset, std::uint64_t size,
                                        std::string_view path);

/// A file without a name in `directory`, for scratch data; it goes with its descriptor.
[[nodiscard]] Result<Descriptor> open_scratch(const std::string& directory);

/// The directory part of a path, `.` when there is none.
[[nodiscard]] std::string directory_of(std::string_view path);

}  // namespace seabag::bundler
