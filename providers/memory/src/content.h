#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "seabag/vfs/file.h"
#include "space.h"
#include "versioned_mutex.h"

namespace seabag::providers {

/// The bytes of one regular file, sparse: a sorted row of the pages that hold something. The file's
/// own lock guards it; it has none.
///
/// Pages are the unit of storage, parts of 4 KiB that of holes: what lseek(2) and st_blocks tell is
/// what tmpfs tells. A page is charged up to its last part that is no hole.
///
/// Invariant: whatever a page's storage holds behind the end of the file, or in a hole, is zero, so
/// growing the file never has to clear anything.
class Content {
 public:
  static constexpr std::uint64_t kPageSize = 65536;
  static constexpr std::uint64_t kPartSize = 4096;
  static constexpr std::uint64_t kMaxSize = std::numeric_limits<std::int64_t>::max();

  /// `owner` is charged for the content and must outlive it.
  explicit Content(Share& owner) : owner_(&owner) {}
  ~Content() { owner_->give_back(charged_); }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  /// Size and allocation can be asked for without the lock.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Bytes that are no holes, reservations included.
  [[nodiscard]] std::uint64_t allocated() const { return parts_ * kPartSize; }
  /// What the owner is charged.
  [[nodiscard]] std::uint64_t charged() const { return charged_; }
  /// Has somebody else charged from now on, who has taken over what is charged already.
  void set_owner(Share& owner) { owner_ = &owner; }

  [[nodiscard]] std::size_t read(std::span<std::byte> buffer, std::uint64_t offset) const;

  struct Written {
    std::size_t count = 0;
    std::errc obstacle{};  ///< why it is short: ENOSPC or EDQUOT
  };

  /// Short when space runs out. `offset` + size is at most kMaxSize.
  [[nodiscard]] Written write(std::span<const std::byte> bytes, std::uint64_t offset);

  void resize(std::uint64_t size);

  /// Takes space for a range, all of it or none: ENOSPC or EDQUOT.
  [[nodiscard]] std::errc reserve(std::uint64_t offset, std::uint64_t length);

  /// Makes a range read as zeros and gives its whole pages back.
  void punch(std::uint64_t offset, std::uint64_t length);

  /// Makes a range read as zeros and keeps the space it has.
  void zero(std::uint64_t offset, std::uint64_t length);

  /// Makes the file at least `size` bytes long and keeps what is reserved behind it.
  void grow_size(std::uint64_t size) { size_ = std::max(size_.get(), size); }

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
    [[nodiscard]] unsigned held() const { return static_cast<unsigned>(written | reserved); }
    [[nodiscard]] bool is_unused() const { return held() == 0; }
  };

  /// Position of the first page whose index is at least `index`.
  [[nodiscard]] std::size_t position_of(std::uint64_t index) const;
  /// How many of the bytes need storage: zeros behind what a page has are what it reads as anyway.
  [[nodiscard]] static std::size_t stored_part(std::span<const std::byte> bytes, const Page& page,
                                               std::size_t within);
  /// What a page, or several, make of the sums.
  struct Sums {
    std::uint64_t charge = 0;
    std::uint64_t parts = 0;

    Sums& operator+=(const Sums& other) {
      charge += other.charge;
      parts += other.parts;
      return *this;
    }
  };
  [[nodiscard]] static Sums sums_of(unsigned held);
  /// The page of that number, made if there is none.
  Page& page_at(std::uint64_t index);
  /// Writes within one page, all or nothing.
  [[nodiscard]] std::errc write_part(std::span<const std::byte> bytes, std::uint64_t offset);
  /// Gives the page storage for its first `needed` bytes; false without memory.
  [[nodiscard]] static bool grow(Page& page, std::size_t needed);
  /// Makes the page end after `kept` bytes.
  void cut(Page& page, std::size_t kept);
  void erase_pages(std::uint64_t first_index, std::uint64_t end_index);
  /// Takes what `after` has more than `before`, and gives back what it has less.
  [[nodiscard]] std::errc settle(const Sums& before, const Sums& after);
  /// Gives back storage that holds nothing, and what has become free since `before`.
  void release(Page& page, const Sums& before);
  void clear(std::uint64_t offset, std::uint64_t length, std::uint16_t kept_reservations);

  Share* owner_;
  Watched<std::uint64_t> size_;
  Watched<std::uint64_t> parts_;  ///< parts that are written or reserved
  std::uint64_t charged_ = 0;
  std::vector<Page> pages_;
};

}  // namespace seabag::providers
