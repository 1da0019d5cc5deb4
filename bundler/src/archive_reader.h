#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "posix_io.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// What an archive says about an entry. The names are as in the archive, unchecked.
struct ArchiveEntry {
  vfs::FileType type = vfs::FileType::regular;
  std::string path;
  std::string link_target;  ///< symlink
  std::string hard_link;    ///< not empty: a further name for the entry of that path
  std::uint32_t mode = 0;   ///< 07777
  vfs::Timestamp modified;
  std::uint64_t size = 0;  ///< as promised; 0 where the format does not tell
  bool has_size = false;
};

/// A run of an entry's bytes; what lies between runs is zeros.
struct ArchivePiece {
  std::span<const std::byte> bytes;  ///< valid until the next call
  std::uint64_t offset = 0;
};

/// Reads an archive from its start to its end, whatever its format and compression. No error names
/// the archive; the caller knows it. Failure archive_damaged. One thread at a time, and the same
/// thread for all calls.
class ArchiveReader {
 public:
  /// `descriptor` is a regular file, borrowed.
  [[nodiscard]] static Result<ArchiveReader> open(int descriptor);
  ~ArchiveReader();
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) noexcept;

  enum class Step : std::uint8_t { entry, end };
  /// Goes on to the next entry, which is in `entry()` then. The end has been reached only when the
  /// archive has been read completely and its compression's checksums fit.
  [[nodiscard]] Result<Step> next();
  [[nodiscard]] const ArchiveEntry& entry() const;

  /// The next bytes of the entry; empty at its end, with the offset of the end if the format tells.
  [[nodiscard]] Result<ArchivePiece> read();

 private:
  struct State;
  explicit ArchiveReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seabag::bundler
