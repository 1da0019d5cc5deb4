#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "connection.h"
#include "inode.h"
#include "seabag/vfs/file.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// The bytes of files, kept in fs_data in chunks. Whatever is found is read: a missing chunk and
/// what lies behind a short one are zeros, and the size in the inode alone says where a file ends.
/// What is written is stricter: every chunk is as long as the file has room for, a missing one is a
/// hole.
///
/// Small reads and writes in a row, and stat between them, are made cheap in three ways. The number
/// of a file's chunks is kept once it was counted. A few chunks that were used last
/// stay at hand. And while a file is open, its growing last chunk is padded to full length, because
/// SQLite changes a value of the same length in place; `release` cuts it, and the table
/// seabag_padded tells the next open what a crash left uncut.
class ChunkedContent {
 public:
  static constexpr std::uint64_t kMaxSize = std::numeric_limits<std::int64_t>::max();

  /// `connection` must outlive the content.
  ChunkedContent(Connection& connection, std::uint32_t chunk_size)
      : connection_(connection), chunk_size_(chunk_size) {}

  [[nodiscard]] std::uint32_t chunk_size() const { return chunk_size_; }

  [[nodiscard]] Result<std::size_t> read(const Inode& file, std::span<std::byte> buffer,
                                         std::uint64_t offset);

  // Changes: inside a transaction, and the caller stores the inode with its new size. When anything
  // fails on the way, the transaction's commit included, the caller calls `forget`.

  /// `offset` + size is at most kMaxSize.
  [[nodiscard]] Result<void> write(const Inode& file, std::span<const std::byte> bytes,
                                   std::uint64_t offset);
  [[nodiscard]] Result<void> resize(const Inode& file, std::uint64_t size);
  /// Makes a range of the file read as zeros and gives its whole chunks back.
  [[nodiscard]] Result<void> punch(const Inode& file, std::uint64_t offset, std::uint64_t length);
  /// Fills the holes of a range with chunks of zeros; `size` is the file's new one.
  [[nodiscard]] Result<void> reserve(const Inode& file, std::uint64_t offset, std::uint64_t length,
                                     std::uint64_t size);

  /// Drops what is known of a file beyond the database: after an error, and when it is deleted.
  void forget(std::int64_t number);
  /// The same for all files: somebody else may have changed them. What is left to release stays
  /// known.
  void forget_all();

  /// Whether `release` has anything to do.
  [[nodiscard]] bool is_padded(std::int64_t number) const {
    return padded_.contains(number) || unsure_.contains(number);
  }
  /// Cuts the last chunk to the file's end, when nobody has the file open any more.
  [[nodiscard]] Result<void> release(const Inode& file);

  /// lseek(2) SEEK_DATA, SEEK_HOLE; kMaxSize + 1 for ENXIO.
  [[nodiscard]] Result<std::uint64_t> find_extent(const Inode& file, vfs::ExtentKind kind,
                                                  std::uint64_t offset);
  /// Bytes of a file that lie in chunks: all but its holes.
  [[nodiscard]] Result<std::uint64_t> allocated(const Inode& file);

 private:
  struct Chunk {
    std::int64_t file = 0;  ///< 0: nothing is in here
    std::int64_t index = 0;
    std::vector<std::byte> bytes = {};

    [[nodiscard]] bool is(std::int64_t number, std::int64_t position) const {
      return file == number && index == position;
    }
  };
  static constexpr std::size_t kCachedChunks = 16;
  static constexpr std::size_t kMostCounts = 8192;

  [[nodiscard]] Chunk& slot_of(std::int64_t number) {
    return cache_[static_cast<std::uint64_t>(number) % kCachedChunks];
  }
  /// A chunk, empty when there is none, cut to what lies inside the file.
  [[nodiscard]] Result<Chunk*> load(const Inode& file, std::int64_t index);
  [[nodiscard]] Result<void> store(const Chunk& chunk);
  /// Chunks that a file has, counted the first time only.
  [[nodiscard]] Result<std::uint64_t> count(std::int64_t number);
  void add_to_count(std::int64_t number, std::int64_t difference);
  [[nodiscard]] Result<bool> has_chunk(std::int64_t number, std::uint64_t index);
  [[nodiscard]] Result<void> read_part(const Inode& file, std::span<std::byte> part,
                                       std::uint64_t offset);
  /// Bytes of the chunk that lie inside the file.
  [[nodiscard]] std::size_t length_of(const Inode& file, std::int64_t index) const;
  /// Clears a range of bytes inside one chunk.
  [[nodiscard]] Result<void> clear(const Inode& file, std::uint64_t offset, std::uint64_t end);
  /// Gets a file ready to grow to `size`: nothing may lie behind the end that growing would bring
  /// to light, and its last chunk must become longer, unless it is `written` in a moment anyway.
  [[nodiscard]] Result<void> prepare_growth(const Inode& file, std::uint64_t size,
                                            std::int64_t written);
  /// Takes away what lies behind `size`, at most the file's own.
  [[nodiscard]] Result<void> cut(const Inode& file, std::uint64_t size);
  /// Writes into one chunk of a file that will be as `grown` says.
  [[nodiscard]] Result<void> write_part(const Inode& file, const Inode& grown,
                                        std::span<const std::byte> part, std::uint64_t offset);
  [[nodiscard]] Result<void> delete_chunks(std::int64_t number, std::uint64_t first,
                                           std::uint64_t end);

  Connection& connection_;
  const std::uint32_t chunk_size_;
  std::array<Chunk, kCachedChunks> cache_;
  /// Chunks of the files that somebody asked for, followed through every change.
  std::unordered_map<std::int64_t, std::uint64_t> counts_;
  /// Files known to have nothing behind their end but their own padding.
  std::unordered_set<std::int64_t> trimmed_;
  /// Files that are noted in seabag_padded, and those that were before others may have changed it.
  std::unordered_set<std::int64_t> padded_;
  std::unordered_set<std::int64_t> unsure_;
};

}  // namespace seabag::providers
