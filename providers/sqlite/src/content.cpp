#include "content.h"

#include <algorithm>
#include <cstring>

namespace seabag::providers {

std::size_t ChunkedContent::length_of(const Inode& file, std::int64_t index) const {
  const std::uint64_t start = static_cast<std::uint64_t>(index) * chunk_size_;
  return start >= file.size ? 0 : std::min<std::uint64_t>(file.size - start, chunk_size_);
}

void ChunkedContent::forget(std::int64_t number) {
  Chunk& slot = slot_of(number);
  if (slot.file == number) {
    slot = {};
  }
  counts_.erase(number);
  trimmed_.erase(number);
  padded_.erase(number);
  unsure_.erase(number);
}

void ChunkedContent::forget_all() {
  for (Chunk& slot : cache_) {
    slot = {};
  }
  counts_.clear();
  trimmed_.clear();
  unsure_.merge(padded_);
  padded_.clear();
}

Result<void> ChunkedContent::release(const Inode& file) {
  SEABAG_TRY(cut(file, file.size));
  return connection_.use(Query::delete_padded).bind(file.number).run();
}

Result<ChunkedContent::Chunk*> ChunkedContent::load(const Inode& file, std::int64_t index) {
  Chunk& slot = slot_of(file.number);
  const std::size_t length = length_of(file, index);
  if (slot.is(file.number, index)) {
    slot.bytes.resize(std::min(slot.bytes.size(), length));
    return &slot;
  }
  slot.file = 0;
  Cursor row = connection_.use(Query::chunk);
  const bool is_there = SEABAG_TRY(row.bind(file.number).bind(index).next());
  const std::span<const std::byte> bytes = is_there ? row.blob(0) : std::span<const std::byte>();
  const auto kept = bytes.first(std::min(bytes.size(), length));
  slot.bytes.assign(kept.begin(), kept.end());
  slot.index = index;
  slot.file = file.number;
  return &slot;
}

Result<void> ChunkedContent::store(const Chunk& chunk) {
  connection_.forget_last_row();
  SEABAG_TRY(connection_.use(Query::put_chunk)
                 .bind(chunk.file)
                 .bind(chunk.index)
                 .bind_blob(chunk.bytes)
                 .run());
  add_to_count(chunk.file, connection_.last_row() == 0 ? 0 : 1);
  return {};
}

Result<std::size_t> ChunkedContent::read(const Inode& file, std::span<std::byte> buffer,
                                         std::uint64_t offset) {
  if (offset >= file.size) {
    return std::size_t{0};
  }
  const std::size_t count = std::min<std::uint64_t>(buffer.size(), file.size - offset);
  for (std::size_t done = 0; done < count;) {
    const std::size_t room = chunk_size_ - (offset + done) % chunk_size_;
    const std::size_t part = std::min(count - done, room);
    SEABAG_TRY(read_part(file, buffer.subspan(done, part), offset + done));
    done += part;
  }
  return count;
}

Result<void> ChunkedContent::read_part(const Inode& file, std::span<std::byte> part,
                                       std::uint64_t offset) {
  const auto index = static_cast<std::int64_t>(offset / chunk_size_);
  const std::size_t within = offset % chunk_size_;
  const auto copy = [&](std::span<const std::byte> chunk) {
    const auto stored = chunk.subspan(std::min(within, chunk.size()));
    const auto copied = stored.first(std::min(stored.size(), part.size()));
    // std::ranges::copy and fill go byte by byte here (GCC 12 at -O2).
    if (!copied.empty()) {
      std::memcpy(part.data(), copied.data(), copied.size());
    }
    if (copied.size() < part.size()) {
      std::memset(part.data() + copied.size(), 0, part.size() - copied.size());
    }
  };
  if (part.size() < length_of(file, index) || slot_of(file.number).is(file.number, index)) {
    copy(SEABAG_TRY(load(file, index))->bytes);
    return {};
  }
  // A whole chunk goes straight to the caller.
  Cursor row = connection_.use(Query::chunk);
  const bool is_there = SEABAG_TRY(row.bind(file.number).bind(index).next());
  copy(is_there ? row.blob(0) : std::span<const std::byte>());
  return {};
}

Result<void> ChunkedContent::write(const Inode& file, std::span<const std::byte> bytes,
                                   std::uint64_t offset) {
  Inode grown = file;
  grown.size = std::max(file.size, offset + bytes.size());
  SEABAG_TRY(prepare_growth(file, grown.size, static_cast<std::int64_t>(offset / chunk_size_)));
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), chunk_size_ - offset % chunk_size_);
    SEABAG_TRY(write_part(file, grown, bytes.first(part), offset));
    bytes = bytes.subspan(part);
    offset += part;
  }
  return {};
}

Result<void> ChunkedContent::write_part(const Inode& file, const Inode& grown,
                                        std::span<const std::byte> part, std::uint64_t offset) {
  const auto index = static_cast<std::int64_t>(offset / chunk_size_);
  const std::size_t within = offset % chunk_size_;
  std::size_t length = length_of(grown, index);
  if (part.size() >= length) {
    Chunk& slot = slot_of(file.number);
    slot.bytes.assign(part.begin(), part.end());
    slot.index = index;
    slot.file = file.number;
    return store(slot);
  }
  Chunk* chunk = SEABAG_TRY(load(file, index));
  const bool is_growing = !chunk->bytes.empty() && length > chunk->bytes.size();
  if (length < chunk_size_ && (is_growing || is_padded(file.number))) {
    if (padded_.insert(file.number).second) {
      SEABAG_TRY(connection_.use(Query::insert_padded).bind(file.number).run());
    }
    length = chunk_size_;
  }
  chunk->bytes.resize(length);
  std::memcpy(chunk->bytes.data() + within, part.data(), part.size());
  return store(*chunk);
}

Result<void> ChunkedContent::prepare_growth(const Inode& file, std::uint64_t size,
                                            std::int64_t written) {
  if (size <= file.size) {
    return {};
  }
  if (!trimmed_.contains(file.number)) {
    SEABAG_TRY(cut(file, file.size));
    trimmed_.insert(file.number);
  }
  const auto last = static_cast<std::int64_t>(file.size / chunk_size_);
  if (file.size % chunk_size_ == 0 || last == written) {
    return {};
  }
  Chunk* chunk = SEABAG_TRY(load(file, last));
  if (chunk->bytes.empty()) {
    return {};
  }
  Inode grown = file;
  grown.size = size;
  chunk->bytes.resize(length_of(grown, last));
  return store(*chunk);
}

Result<void> ChunkedContent::resize(const Inode& file, std::uint64_t size) {
  return size > file.size ? prepare_growth(file, size, -1) : cut(file, size);
}

Result<void> ChunkedContent::cut(const Inode& file, std::uint64_t size) {
  const std::uint64_t whole_chunks = size / chunk_size_;
  const std::size_t tail = size % chunk_size_;
  Chunk& slot = slot_of(file.number);
  if (slot.file == file.number && static_cast<std::uint64_t>(slot.index) >= whole_chunks) {
    slot = {};
  }
  if (tail == 0) {
    return delete_chunks(file.number, whole_chunks, kMaxSize);
  }
  SEABAG_TRY(connection_.use(Query::cut_chunk)
                 .bind(file.number)
                 .bind(static_cast<std::int64_t>(whole_chunks))
                 .bind(static_cast<std::int64_t>(tail))
                 .run());
  return delete_chunks(file.number, whole_chunks + 1, kMaxSize);
}

Result<void> ChunkedContent::punch(const Inode& file, std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = std::min(offset + length, file.size);
  if (offset >= end) {
    return {};
  }
  const std::uint64_t first = (offset + chunk_size_ - 1) / chunk_size_;
  // The last chunk of the file goes whole although the file may end inside it.
  const std::uint64_t last =
      end == file.size ? (end + chunk_size_ - 1) / chunk_size_ : end / chunk_size_;
  if (first > last) {
    return clear(file, offset, end);
  }
  SEABAG_TRY(clear(file, offset, first * chunk_size_));
  SEABAG_TRY(delete_chunks(file.number, first, last));
  return clear(file, last * chunk_size_, end);
}

Result<void> ChunkedContent::clear(const Inode& file, std::uint64_t offset, std::uint64_t end) {
  if (offset >= end) {
    return {};
  }
  Chunk* chunk = SEABAG_TRY(load(file, static_cast<std::int64_t>(offset / chunk_size_)));
  const std::span<std::byte> bytes(chunk->bytes);
  const std::size_t first = std::min<std::size_t>(offset % chunk_size_, bytes.size());
  const std::size_t count = std::min<std::size_t>(end - offset, bytes.size() - first);
  if (count == 0) {
    return {};
  }
  std::ranges::fill(bytes.subspan(first, count), std::byte{0});
  return store(*chunk);
}

Result<void> ChunkedContent::reserve(const Inode& file, std::uint64_t offset, std::uint64_t length,
                                     std::uint64_t size) {
  SEABAG_TRY(prepare_growth(file, size, -1));
  Inode grown = file;
  grown.size = size;
  const auto end = static_cast<std::int64_t>((offset + length - 1) / chunk_size_) + 1;
  for (auto index = static_cast<std::int64_t>(offset / chunk_size_); index < end; ++index) {
    SEABAG_TRY(connection_.use(Query::put_zero_chunk)
                   .bind(file.number)
                   .bind(index)
                   .bind(static_cast<std::int64_t>(length_of(grown, index)))
                   .run());
    add_to_count(file.number, connection_.changes());
  }
  return {};
}

Result<std::uint64_t> ChunkedContent::find_extent(const Inode& file, vfs::ExtentKind kind,
                                                  std::uint64_t offset) {
  constexpr std::uint64_t kNone = kMaxSize + 1;
  if (offset >= file.size) {
    return kNone;
  }
  const auto first = static_cast<std::int64_t>(offset / chunk_size_);
  const auto end = static_cast<std::int64_t>((file.size - 1) / chunk_size_) + 1;
  if (kind == vfs::ExtentKind::data) {
    Cursor row = connection_.use(Query::chunks_from);
    if (!SEABAG_TRY(row.bind(file.number).bind(first).next()) || row.integer(0) >= end) {
      return kNone;
    }
    return std::max(offset, static_cast<std::uint64_t>(row.integer(0)) * chunk_size_);
  }
  std::int64_t hole = first;
  Cursor row = connection_.use(Query::chunks_from);
  row.bind(file.number).bind(first);
  while (hole < end && SEABAG_TRY(row.next()) && row.integer(0) == hole) {
    ++hole;
  }
  return std::min(std::max(offset, static_cast<std::uint64_t>(hole) * chunk_size_), file.size);
}

Result<std::uint64_t> ChunkedContent::count(std::int64_t number) {
  if (const auto known = counts_.find(number); known != counts_.end()) {
    return known->second;
  }
  Cursor row = connection_.use(Query::count_chunks);
  SEABAG_TRY(row.bind(number).first());
  const auto chunks = static_cast<std::uint64_t>(row.integer(0));
  if (counts_.size() == kMostCounts) {
    counts_.clear();
  }
  counts_.emplace(number, chunks);
  return chunks;
}

void ChunkedContent::add_to_count(std::int64_t number, std::int64_t difference) {
  if (const auto known = counts_.find(number); known != counts_.end()) {
    known->second += static_cast<std::uint64_t>(difference);
  }
}

Result<bool> ChunkedContent::has_chunk(std::int64_t number, std::uint64_t index) {
  Cursor row = connection_.use(Query::chunks_from);
  return SEABAG_TRY(row.bind(number).bind(static_cast<std::int64_t>(index)).next()) &&
         static_cast<std::uint64_t>(row.integer(0)) == index;
}

Result<std::uint64_t> ChunkedContent::allocated(const Inode& file) {
  if (file.size == 0) {
    return std::uint64_t{0};
  }
  const std::uint64_t whole_chunks = file.size / chunk_size_;
  const std::size_t tail = file.size % chunk_size_;
  const bool has_tail = tail > 0 && SEABAG_TRY(has_chunk(file.number, whole_chunks));
  const std::uint64_t in_tail = has_tail ? tail : 0;
  if (whole_chunks == 0) {
    return in_tail;
  }
  const std::uint64_t chunks = SEABAG_TRY(count(file.number)) - (has_tail ? 1 : 0);
  // Behind the end may lie what others left there.
  return std::min(chunks, whole_chunks) * chunk_size_ + in_tail;
}

Result<void> ChunkedContent::delete_chunks(std::int64_t number, std::uint64_t first,
                                           std::uint64_t end) {
  Chunk& slot = slot_of(number);
  const auto index = static_cast<std::uint64_t>(slot.index);
  if (slot.file == number && index >= first && index < end) {
    slot = {};
  }
  SEABAG_TRY(connection_.use(Query::delete_chunks)
                 .bind(number)
                 .bind(static_cast<std::int64_t>(first))
                 .bind(static_cast<std::int64_t>(end))
                 .run());
  add_to_count(number, -connection_.changes());
  return {};
}

}  // namespace seabag::providers
