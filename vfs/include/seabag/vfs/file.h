#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

enum class ExtentKind : std::uint8_t { data, hole };

/// A node open for reading. It keeps its node alive: unlinking leaves an orphan that goes at the
/// last close. No seek state: every call takes an offset. Safe for concurrent use. Must not outlive
/// its file system.
class File {
 public:
  virtual ~File() = default;

  /// Reads up to `buffer.size()` bytes at `offset`. A short count means end of file and nothing
  /// else; at or past the end it is 0. Holes read as zeros. Errors: EIO, EISDIR, ESTALE.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::span<std::byte> buffer,
                                                    std::uint64_t offset) const = 0;

  /// fstat(2); `links` is 0 for an orphan.
  [[nodiscard]] virtual Result<Attributes> attributes() const = 0;

  /// SEEK_DATA and SEEK_HOLE of lseek(2): the first offset >= `offset` that lies in an extent of
  /// this kind. The end of the file counts as a hole. ENXIO at or past the end, or when no data
  /// follows. A provider without sparse files has one data extent.
  [[nodiscard]] virtual Result<std::uint64_t> find_extent(ExtentKind kind,
                                                          std::uint64_t offset) const = 0;
};

/// What `WritableFile::allocate` does with a range, as fallocate(2).
enum class AllocateMode : std::uint8_t {
  extend,      ///< reserve, growing the size when the range ends behind it
  keep_size,   ///< FALLOC_FL_KEEP_SIZE
  punch_hole,  ///< FALLOC_FL_PUNCH_HOLE | KEEP_SIZE: the range reads as zeros and takes no space
  zero_range,  ///< FALLOC_FL_ZERO_RANGE, growing the size
};

/// How much `WritableFile::sync` makes durable.
enum class SyncScope : std::uint8_t { data, all };

/// A node open for reading and writing. Safe for concurrent use; a write is seen by reads that
/// start after it returned.
class WritableFile : public File {
 public:
  /// Writes all of `bytes` at `offset`, growing the file; a gap becomes a hole. A short count means
  /// that space ran out after that many bytes. Errors: ENOSPC, EDQUOT, EFBIG, EROFS, EIO.
  [[nodiscard]] virtual Result<std::size_t> write_at(std::span<const std::byte> bytes,
                                                     std::uint64_t offset) = 0;

  /// O_APPEND: writes at the end of the file as one step against other appends and returns the
  /// number of bytes written. Amortised O(bytes). Errors as `write_at`.
  [[nodiscard]] virtual Result<std::size_t> append(std::span<const std::byte> bytes) = 0;

  /// ftruncate(2); growing leaves a hole. Errors: EFBIG, EROFS, ENOSPC.
  [[nodiscard]] virtual Result<void> resize(std::uint64_t size) = 0;

  /// fallocate(2). EINVAL for a length of 0. Errors: ENOSPC, EFBIG, EROFS.
  [[nodiscard]] virtual Result<void> allocate(AllocateMode mode, std::uint64_t offset,
                                              std::uint64_t length) = 0;

  /// fdatasync(2) or fsync(2): durable on return where the provider persists anything.
  [[nodiscard]] virtual Result<void> sync(SyncScope scope) = 0;
};

}  // namespace seabag::vfs
