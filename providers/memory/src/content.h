#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "seabag/vfs/file.h"
#include "space.h"

namespace seabag::providers {

/// The bytes of one regular file, sparse: a sorted row of the pages that hold something. The file's
/// own lock guards it; it has none.
///
/// Pages are the unit of storage, parts of 4 KiB that of holes: what lseek(2) tells of holes is
/// what tmpfs tells.
///
/// Invariant: whatever a page's storage holds behind the end of the file, or in a hole, is zero, so
/// growing the file never has to clear anything.
class Content {
 public:
  static constexpr std::uint64_t kPageSize = 65536;
  static constexpr std::uint64_t kMaxSize = std::numeric_limits<std::int64_t>::max();

  /// `space` is charged for every byte of storage and must outlive the content.
  explicit Content(Space& space) : space_(space) {}
  ~Content() { space_.give_back(allocated_); }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Bytes of storage, reservations included.
  [[nodiscard]] std::uint64_t allocated() const { return allocated_; }

  [[nodiscard]] std::size_t read(std::span<std::byte> buffer, std::uint64_t offset) const;

  /// Short when space runs out. `offset` + size is at most kMaxSize.
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes, std::uint64_t offset);

  void resize(std::uint64_t size);

  /// Takes space for a range, all of it or none (false).
  [[nodiscard]] bool reserve(std::uint64_t offset, std::uint64_t length);

  /// Makes a range read as zeros and gives its whole pages back.
  void punch(std::uint64_t offset, std::uint64_t length);

  /// Makes a range read as zeros and keeps the space it has.
  void zero(std::uint64_t offset, std::uint64_t length);

  /// Makes the file at least `size` bytes long and keeps what is reserved behind it.
  void grow_size(std::uint64_t size) { size_ = std::max(size_, size); }

  /// lseek(2) SEEK_DATA, SEEK_HOLE; kMaxSize + 1 for ENXIO.
  [[nodiscard]] std::uint64_t find_extent(vfs::ExtentKind kind, std::uint64_t offset) const;

 private:
  struct Page {
    std::uint64_t index = 0;
    std::unique_ptr<std::byte[]> bytes = {};
    /// Bytes of storage from the page's start; what lies behind them reads as zero.
    std::uint32_t capacity = 0;
    std::uint16_t written = 0;   ///< a bit for each part that is no hole
    std::uint16_t reserved = 0;  ///< a bit for each part that `reserve` promised space for

    [[nodiscard]] std::uint64_t start() const { return index * kPageSize; }
    /// What the page takes, storage that it has or is promised.
    [[nodiscard]] std::uint64_t charge() const;
    [[nodiscard]] bool is_unused() const { return written == 0 && reserved == 0; }
  };

  /// Position of the first page whose index is at least `index`.
  [[nodiscard]] std::size_t position_of(std::uint64_t index) const;
  /// How many of the bytes need storage: zeros behind what a page has are what it reads as anyway.
  [[nodiscard]] std::size_t stored_part(std::span<const std::byte> bytes, std::uint64_t index,
                                        std::size_t within) const;
  /// The page with storage for its first `needed` bytes; null when space ran out.
  [[nodiscard]] Page* make_page(std::uint64_t index, std::size_t needed);
  [[nodiscard]] bool grow(Page& page, std::size_t needed);
  /// Makes the page end after `kept` bytes.
  void cut(Page& page, std::size_t kept);
  void erase_pages(std::uint64_t first_index, std::uint64_t end_index);
  /// Gives back storage that holds nothing, and the space that a change has freed since the page's
  /// charge was `charged`.
  void settle(Page& page, std::uint64_t charged);
  void clear(std::uint64_t offset, std::uint64_t length, std::uint16_t kept_reservations);

  Space& space_;
  std::uint64_t size_ = 0;
  std::uint64_t allocated_ = 0;
  std::vector<Page> pages_;
};

}  // namespace seabag::providers
