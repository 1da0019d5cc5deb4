#include "content.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace seabag::providers {
namespace {

constexpr std::size_t kSmallestStorage = 512;

std::size_t storage_for(std::size_t needed) {
  return std::bit_ceil(std::max(needed, kSmallestStorage));
}

}  // namespace

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

std::size_t Content::write(std::span<const std::byte> bytes, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t within = (offset + done) % kPageSize;
    const std::size_t part = std::min(bytes.size() - done, std::size_t{kPageSize} - within);
    Page* page = make_page((offset + done) / kPageSize, within + part);
    if (page == nullptr) {
      break;
    }
    std::memcpy(&page->bytes[within], &bytes[done], part);
    done += part;
  }
  if (done > 0) {
    size_ = std::max(size_, offset + done);
  }
  return done;
}

Content::Page* Content::make_page(std::uint64_t index, std::size_t needed) {
  const std::size_t position = position_of(index);
  if (position < pages_.size() && pages_[position].index == index) {
    return grow(pages_[position], needed) ? &pages_[position] : nullptr;
  }
  Page page{.index = index};
  if (!grow(page, needed)) {
    return nullptr;
  }
  const auto place = pages_.begin() + static_cast<std::ptrdiff_t>(position);
  return &*pages_.insert(place, std::move(page));
}

bool Content::grow(Page& page, std::size_t needed) {
  if (needed <= page.capacity) {
    return true;
  }
  const std::size_t capacity = storage_for(needed);
  const std::uint64_t charge = page.is_reserved ? 0 : capacity - page.capacity;
  if (!space_.take(charge)) {
    return false;
  }
  std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[capacity]);
  if (!bytes) {
    space_.give_back(charge);
    return false;
  }
  if (page.capacity > 0) {
    std::memcpy(bytes.get(), page.bytes.get(), page.capacity);
  }
  std::memset(&bytes[page.capacity], 0, capacity - page.capacity);
  page.bytes = std::move(bytes);
  page.capacity = static_cast<std::uint32_t>(capacity);
  allocated_ += charge;
  return true;
}

void Content::shrink(Page& page, std::size_t kept) {
  const std::size_t capacity = storage_for(kept);
  if (capacity < page.capacity) {
    std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[capacity]);
    if (bytes) {
      std::memcpy(bytes.get(), page.bytes.get(), kept);
      const std::uint64_t charge = page.is_reserved ? 0 : page.capacity - capacity;
      page.bytes = std::move(bytes);
      page.capacity = static_cast<std::uint32_t>(capacity);
      allocated_ -= charge;
      space_.give_back(charge);
    }
  }
  if (kept < page.capacity) {
    std::memset(&page.bytes[kept], 0, page.capacity - kept);
  }
}

void Content::resize(std::uint64_t size) {
  if (size < size_ || !pages_.empty()) {
    const std::uint64_t kept_pages = size / kPageSize + (size % kPageSize != 0 ? 1 : 0);
    erase_pages(kept_pages, kMaxSize);
    const std::size_t tail = size % kPageSize;
    if (tail != 0 && !pages_.empty() && pages_.back().index == size / kPageSize) {
      shrink(pages_.back(), tail);
    }
  }
  size_ = size;
}

bool Content::reserve(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t first = offset / kPageSize;
  const std::uint64_t end = (offset + length - 1) / kPageSize + 1;
  std::uint64_t charge = (end - first) * kPageSize;
  const std::size_t begin_position = position_of(first);
  std::size_t end_position = begin_position;
  for (; end_position < pages_.size() && pages_[end_position].index < end; ++end_position) {
    charge -= pages_[end_position].charge();
  }
  if (!space_.take(charge)) {
    return false;
  }
  std::vector<Page> row;
  row.reserve(end - first);
  std::size_t position = begin_position;
  for (std::uint64_t index = first; index < end; ++index) {
    if (position < end_position && pages_[position].index == index) {
      row.push_back(std::move(pages_[position++]));
    } else {
      row.push_back({.index = index});
    }
    row.back().is_reserved = true;
  }
  const auto place = pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(begin_position),
                                  pages_.begin() + static_cast<std::ptrdiff_t>(end_position));
  pages_.insert(place, std::make_move_iterator(row.begin()), std::make_move_iterator(row.end()));
  allocated_ += charge;
  return true;
}

void Content::punch(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = offset + length;
  const std::uint64_t first_whole = offset / kPageSize + (offset % kPageSize != 0 ? 1 : 0);
  const std::uint64_t end_whole = end / kPageSize;
  zero(offset, length);
  if (first_whole < end_whole) {
    erase_pages(first_whole, end_whole);
  }
}

void Content::zero(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = offset + length;
  for (std::size_t position = position_of(offset / kPageSize);
       position < pages_.size() && pages_[position].start() < end; ++position) {
    Page& page = pages_[position];
    const std::uint64_t first = std::max(offset, page.start());
    const std::uint64_t stored_end = std::min(end, page.start() + page.capacity);
    if (first == page.start() && stored_end == page.start() + page.capacity) {
      drop_storage(page);
    } else if (first < stored_end) {
      std::memset(&page.bytes[first - page.start()], 0, stored_end - first);
    }
  }
}

void Content::drop_storage(Page& page) {
  const std::uint64_t charge = page.is_reserved ? 0 : page.capacity;
  page.bytes.reset();
  page.capacity = 0;
  allocated_ -= charge;
  space_.give_back(charge);
}

void Content::erase_pages(std::uint64_t first_index, std::uint64_t end_index) {
  const std::size_t first = position_of(first_index);
  const std::size_t end = std::max(first, position_of(end_index));
  std::uint64_t charge = 0;
  for (std::size_t position = first; position < end; ++position) {
    charge += pages_[position].charge();
  }
  pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(first),
               pages_.begin() + static_cast<std::ptrdiff_t>(end));
  if (pages_.empty()) {
    pages_.shrink_to_fit();
  }
  allocated_ -= charge;
  space_.give_back(charge);
}

std::uint64_t Content::find_extent(vfs::ExtentKind kind, std::uint64_t offset) const {
  constexpr std::uint64_t kNone = kMaxSize + 1;
  if (offset >= size_) {
    return kNone;
  }
  std::uint64_t here = offset;
  for (std::size_t position = position_of(offset / kPageSize); position < pages_.size();
       ++position) {
    const Page& page = pages_[position];
    const std::uint64_t end = page.start() + page.capacity;
    if (page.capacity == 0 || here >= end) {
      continue;  // only reserved, or its storage lies before
    }
    if (kind == vfs::ExtentKind::data) {
      const std::uint64_t found = std::max(here, page.start());
      return found < size_ ? found : kNone;
    }
    if (here < page.start()) {
      break;
    }
    here = end;
  }
  if (kind == vfs::ExtentKind::data) {
    return kNone;
  }
  return std::min(here, size_);
}

}  // namespace seabag::providers
