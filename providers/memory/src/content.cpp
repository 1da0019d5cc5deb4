#include "content.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

namespace seabag::providers {
namespace {

constexpr std::size_t kSmallestStorage = 512;
constexpr std::size_t kPartSize = Content::kPartSize;
constexpr unsigned kPartsOfPage = Content::kPageSize / kPartSize;
constexpr std::uint16_t kAllParts = 0xFFFF;
static_assert(kPartsOfPage == 16);

std::size_t storage_for(std::size_t needed) {
  return std::bit_ceil(std::max(needed, kSmallestStorage));
}

std::uint16_t parts(std::size_t first, std::size_t end) {
  return first < end ? static_cast<std::uint16_t>((1U << end) - (1U << first)) : std::uint16_t{0};
}

/// Parts of a page that a range of its bytes meets.
std::uint16_t parts_met(std::size_t begin, std::size_t end) {
  return parts(begin / kPartSize, (end + kPartSize - 1) / kPartSize);
}

/// Parts of a page that lie within a range of its bytes.
std::uint16_t parts_within(std::size_t begin, std::size_t end) {
  return parts((begin + kPartSize - 1) / kPartSize, end / kPartSize);
}

std::uint16_t without(std::uint16_t all, std::uint16_t some) {
  return static_cast<std::uint16_t>(all & ~some);
}

}  // namespace

Content::Sums Content::sums_of(unsigned held) {
  return {.charge = static_cast<std::uint64_t>(std::bit_width(held)) * kPartSize,
          .parts = static_cast<std::uint64_t>(std::popcount(held))};
}

std::size_t Content::position_of(std::uint64_t index) const {
  // In a file without holes a page stands where its number says; past the last page is the other
  // common question.
  if (index < pages_.size() && pages_[index].index == index) {
    return index;
  }
  if (pages_.empty() || pages_.back().index < index) {
    return pages_.size();
  }
  const auto found = std::ranges::lower_bound(pages_, index, {}, &Page::index);
  return static_cast<std::size_t>(found - pages_.begin());
}

std::size_t Content::read(std::span<std::byte> buffer, std::uint64_t offset) const {
  if (offset >= size_) {
    return 0;
  }
  const std::size_t count = std::min<std::uint64_t>(buffer.size(), size_ - offset);
  std::size_t position = position_of(offset / kPageSize);
  for (std::size_t done = 0; done < count;) {
    const std::uint64_t index = (offset + done) / kPageSize;
    const std::size_t within = (offset + done) % kPageSize;
    const std::size_t part = std::min(count - done, std::size_t{kPageSize} - within);
    const bool is_there = position < pages_.size() && pages_[position].index == index;
    std::size_t stored = 0;
    if (is_there && pages_[position].capacity > within) {
      stored = std::min(part, pages_[position].capacity - within);
      std::memcpy(&buffer[done], &pages_[position].bytes[within], stored);
    }
    if (stored < part) {
      std::memset(&buffer[done + stored], 0, part - stored);
    }
    position += is_there ? 1 : 0;
    done += part;
  }
  return count;
}

Content::Written Content::write(std::span<const std::byte> bytes, std::uint64_t offset) {
  Written written;
  while (written.count < bytes.size()) {
    const std::uint64_t here = offset + written.count;
    std::size_t part = std::min(bytes.size() - written.count, kPageSize - here % kPageSize);
    written.obstacle = write_part(bytes.subspan(written.count, part), here);
    if (written.obstacle != std::errc()) {
      // A little may fit where a whole page does not.
      part = std::min(part, kPartSize - here % kPartSize);
      written.obstacle = write_part(bytes.subspan(written.count, part), here);
    }
    if (written.obstacle != std::errc()) {
      break;
    }
    written.count += part;
  }
  if (written.count > 0) {
    grow_size(offset + written.count);
  }
  return written;
}

std::errc Content::write_part(std::span<const std::byte> bytes, std::uint64_t offset) {
  const std::uint64_t index = offset / kPageSize;
  const std::size_t within = offset % kPageSize;
  Page& page = page_at(index);
  const std::size_t stored = stored_part(bytes, page, within);
  const std::uint16_t met = parts_met(within, within + bytes.size());
  std::errc obstacle = settle(sums_of(page.held()), sums_of(page.held() | met));
  if (obstacle == std::errc() && stored > 0 && !grow(page, within + stored)) {
    // Giving back finds no obstacle.
    (void)settle(sums_of(page.held() | met), sums_of(page.held()));
    obstacle = std::errc::no_space_on_device;
  }
  if (obstacle == std::errc()) {
    if (stored > 0) {
      std::memcpy(&page.bytes[within], bytes.data(), stored);
    }
    page.written |= met;
  } else if (page.is_unused()) {
    erase_pages(index, index + 1);
  }
  return obstacle;
}

std::size_t Content::stored_part(std::span<const std::byte> bytes, const Page& page,
                                 std::size_t within) {
  std::size_t stored = bytes.size();
  while (stored > 0 && within + stored > page.capacity && bytes[stored - 1] == std::byte{0}) {
    --stored;
  }
  return stored;
}

Content::Page& Content::page_at(std::uint64_t index) {
  const std::size_t position = position_of(index);
  if (position < pages_.size() && pages_[position].index == index) {
    return pages_[position];
  }
  const auto place = pages_.begin() + static_cast<std::ptrdiff_t>(position);
  return *pages_.insert(place, Page{.index = index});
}

bool Content::grow(Page& page, std::size_t needed) {
  if (needed <= page.capacity) {
    return true;
  }
  const std::size_t capacity = storage_for(needed);
  std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[capacity]);
  if (!bytes) {
    return false;
  }
  if (page.capacity > 0) {
    std::memcpy(bytes.get(), page.bytes.get(), page.capacity);
  }
  std::memset(&bytes[page.capacity], 0, capacity - page.capacity);
  page.bytes = std::move(bytes);
  page.capacity = static_cast<std::uint32_t>(capacity);
  return true;
}

std::errc Content::settle(const Sums& before, const Sums& after) {
  if (after.charge > before.charge) {
    const std::errc obstacle = owner_->take(after.charge - before.charge);
    if (obstacle != std::errc()) {
      return obstacle;
    }
  } else {
    owner_->give_back(before.charge - after.charge);
  }
  charged_ += after.charge - before.charge;  // also downwards: unsigned numbers wrap
  parts_ = parts_ + after.parts - before.parts;
  return {};
}

void Content::release(Page& page, const Sums& before) {
  if (page.written == 0) {
    page.bytes.reset();
    page.capacity = 0;
  }
  [[maybe_unused]] const std::errc obstacle = settle(before, sums_of(page.held()));
  assert(obstacle == std::errc());  // nothing was taken
}

void Content::cut(Page& page, std::size_t kept) {
  const Sums before = sums_of(page.held());
  page.written &= parts_met(0, kept);
  page.reserved &= parts_met(0, kept);
  const std::size_t capacity = storage_for(kept);
  if (page.written != 0 && capacity < page.capacity) {
    std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[capacity]);
    if (bytes) {
      std::memcpy(bytes.get(), page.bytes.get(), kept);
      page.bytes = std::move(bytes);
      page.capacity = static_cast<std::uint32_t>(capacity);
    }
  }
  if (kept < page.capacity) {
    std::memset(&page.bytes[kept], 0, page.capacity - kept);
  }
  release(page, before);
}

void Content::resize(std::uint64_t size) {
  if (size <= size_) {
    const std::size_t tail = size % kPageSize;
    const std::uint64_t last = size / kPageSize;
    erase_pages(last + (tail != 0 ? 1 : 0), kMaxSize);
    if (tail != 0 && !pages_.empty() && pages_.back().index == last) {
      cut(pages_.back(), tail);
      if (pages_.back().is_unused()) {
        pages_.pop_back();
      }
    }
  }
  size_ = size;
}

std::errc Content::reserve(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t first = offset / kPageSize;
  const std::uint64_t end = (offset + length - 1) / kPageSize + 1;
  const auto parts_of = [&](std::uint64_t index) {
    const std::uint64_t start = index * kPageSize;
    return parts_met(std::max(offset, start) - start, std::min(offset + length - start, kPageSize));
  };
  // Asked for what cannot be had, it must not touch one page after another first.
  const std::uint64_t least = (end - first - std::min<std::uint64_t>(end - first, 2)) * kPageSize;
  const std::errc hopeless = owner_->obstacle_to(least - std::min(least, charged_));
  if (hopeless != std::errc()) {
    return hopeless;
  }
  const std::size_t begin_position = position_of(first);
  std::vector<Page> row;
  Sums before;
  Sums after;
  std::size_t position = begin_position;
  for (std::uint64_t index = first; index < end; ++index) {
    const bool is_there = position < pages_.size() && pages_[position].index == index;
    Page page{.index = index};
    if (is_there) {
      page.capacity = pages_[position].capacity;
      page.written = pages_[position].written;
      page.reserved = pages_[position++].reserved;
    }
    before += sums_of(page.held());
    // Like tmpfs: what is promised a second time counts as written from then on.
    const std::uint16_t asked = parts_of(index);
    page.written |= static_cast<std::uint16_t>(page.reserved & asked);
    page.reserved |= asked;
    after += sums_of(page.held());
    row.push_back(std::move(page));
  }
  if (const std::errc obstacle = settle(before, after); obstacle != std::errc()) {
    return obstacle;
  }
  for (std::size_t old = begin_position; old < position; ++old) {
    row[pages_[old].index - first].bytes = std::move(pages_[old].bytes);
  }
  const auto place = pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(begin_position),
                                  pages_.begin() + static_cast<std::ptrdiff_t>(position));
  pages_.insert(place, std::make_move_iterator(row.begin()), std::make_move_iterator(row.end()));
  return {};
}

void Content::punch(std::uint64_t offset, std::uint64_t length) { clear(offset, length, 0); }

void Content::zero(std::uint64_t offset, std::uint64_t length) { clear(offset, length, kAllParts); }

void Content::clear(std::uint64_t offset, std::uint64_t length, std::uint16_t kept_reservations) {
  const std::uint64_t end = offset + length;
  const std::size_t begin_position = position_of(offset / kPageSize);
  std::size_t position = begin_position;
  for (; position < pages_.size() && pages_[position].start() < end; ++position) {
    Page& page = pages_[position];
    const Sums before = sums_of(page.held());
    const std::size_t first = std::max(offset, page.start()) - page.start();
    const std::size_t last = std::min(end - page.start(), kPageSize);
    const std::uint16_t gone = parts_within(first, last);
    page.written = without(page.written, gone);
    page.reserved = without(page.reserved, without(gone, kept_reservations));
    if (page.written != 0 && first < page.capacity) {
      std::memset(&page.bytes[first], 0, std::min<std::size_t>(last, page.capacity) - first);
    }
    release(page, before);
  }
  const auto begin = pages_.begin() + static_cast<std::ptrdiff_t>(begin_position);
  const auto stop = pages_.begin() + static_cast<std::ptrdiff_t>(position);
  pages_.erase(std::remove_if(begin, stop, [](const Page& page) { return page.is_unused(); }),
               stop);
}

void Content::erase_pages(std::uint64_t first_index, std::uint64_t end_index) {
  const std::size_t first = position_of(first_index);
  const std::size_t end = std::max(first, position_of(end_index));
  Sums gone;
  for (std::size_t position = first; position < end; ++position) {
    gone += sums_of(pages_[position].held());
  }
  pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(first),
               pages_.begin() + static_cast<std::ptrdiff_t>(end));
  if (pages_.empty()) {
    pages_.shrink_to_fit();
  }
  [[maybe_unused]] const std::errc obstacle = settle(gone, {});
  assert(obstacle == std::errc());  // nothing was taken
}

std::uint64_t Content::find_extent(vfs::ExtentKind kind, std::uint64_t offset) const {
  constexpr std::uint64_t kNone = kMaxSize + 1;
  if (offset >= size_) {
    return kNone;
  }
  const bool wants_data = kind == vfs::ExtentKind::data;
  std::uint64_t here = offset;
  for (std::size_t position = position_of(offset / kPageSize); position < pages_.size();
       ++position) {
    const Page& page = pages_[position];
    if (here < page.start()) {
      if (!wants_data) {
        break;
      }
      here = page.start();
    }
    const std::size_t part = (here - page.start()) / kPartSize;
    const std::uint16_t sought = wants_data ? page.written : without(kAllParts, page.written);
    const std::uint16_t left = without(sought, parts(0, part));
    if (left != 0) {
      const auto found = static_cast<std::size_t>(std::countr_zero(left));
      here = std::max(here, page.start() + found * kPartSize);
      return here < size_ || !wants_data ? std::min(here, size_.get()) : kNone;
    }
    here = page.start() + kPageSize;
  }
  return wants_data ? kNone : std::min(here, size_.get());
}

}  // namespace seabag::providers
