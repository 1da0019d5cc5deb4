#include "archive_entry_data.h"

#include <algorithm>

#include "loader.h"

namespace seabag::bundler {

ArchiveEntryData::ArchiveEntryData(ByteArena& arena, const std::string& scratch_directory)
    : arena_(arena),
      scratch_directory_(scratch_directory),
      held_(arena.take(kInlineFileSize)),
      start_(arena.used() - held_.size()) {}

ArchiveEntryData::~ArchiveEntryData() { arena_.give_back(held_.size()); }

Result<void> ArchiveEntryData::spill() {
  scratch_ = SEABAG_TRY(open_scratch(scratch_directory_));
  const std::span<const std::byte> bytes = held_.first(static_cast<std::size_t>(size_));
  hasher_.update(bytes);
  return write_at(scratch_.get(), bytes, 0, scratch_directory_);
}

Result<void> ArchiveEntryData::append(std::span<const std::byte> bytes, std::uint64_t offset) {
  const std::uint64_t end = offset + bytes.size();
  if (!scratch_.is_open() && end > held_.size()) {
    SEABAG_TRY(spill());
  }
  if (scratch_.is_open()) {
    hasher_.update_zeros(offset - size_);
    hasher_.update(bytes);
    SEABAG_TRY(write_at(scratch_.get(), bytes, offset, scratch_directory_));
  } else {
    std::ranges::fill(
        held_.subspan(static_cast<std::size_t>(size_), static_cast<std::size_t>(offset - size_)),
        std::byte{0});
    std::ranges::copy(bytes, held_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  size_ = end;
  return {};
}

Result<void> ArchiveEntryData::finish(Batch& batch, Item& item) {
  if (!scratch_.is_open()) {
    const auto size = static_cast<std::size_t>(size_);
    arena_.give_back(held_.size() - size);
    held_ = {};
    item.place = DataPlace::batch;
    item.data = start_;
    return {};
  }
  SEABAG_TRY(resize(scratch_.get(), size_, scratch_directory_));
  item.hash = hasher_.finish();
  item.place = DataPlace::stream;
  item.data = batch.streams.size();
  const FileStatus status = SEABAG_TRY(status_of(scratch_.get(), scratch_directory_));
  batch.streams.push_back({.scratch = std::move(scratch_), .status = status});
  return {};
}

}  // namespace seabag::bundler
