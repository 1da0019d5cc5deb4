#include "variant_store.h"

#include <algorithm>
#include <iterator>

namespace seabag::bundler {

Result<std::unique_ptr<VariantStore>> VariantStore::open(const Options& options) {
  std::unique_ptr<VariantStore> store(new VariantStore(options.scratch_directory));
  if (!options.cache_directory.empty()) {
    store->open_cache(options);
  }
  if (!store->writer_) {
    store->writer_ =
        std::make_unique<SegmentWriter>(SEABAG_TRY(open_scratch(options.scratch_directory)));
  }
  return store;
}

void VariantStore::open_cache(const Options& options) {
  const auto unusable = [&](const Error& error) {
    notes_.push_back("packing without a cache: " + error.message());
    cache_.reset();
  };
  auto opened = CacheDirectory::open(options.cache_directory);
  if (!opened) {
    return unusable(opened.error());
  }
  cache_.emplace(std::move(*opened));
  cache_limit_bytes_ = options.cache_limit_bytes;
  auto made = cache_->create();
  if (!made) {
    return unusable(made.error());
  }
  temporary_name_ = made->name;
  writer_ = std::make_unique<SegmentWriter>(std::move(made->file));
  load_segments();
}

void VariantStore::load_segments() {
  const auto entries = cache_->list();
  if (!entries) {
    notes_.push_back("the cache cannot be read: " + entries.error().message());
    return;
  }
  for (const CacheDirectory::Entry& entry : *entries) {
    auto file = cache_->open_segment(entry.name);
    if (!file) {
      continue;  // another process has just dropped it
    }
    auto reader = SegmentReader::open(std::move(*file));
    if (!reader) {
      notes_.push_back("a damaged part of the cache was dropped: '" + cache_->path() + "/" +
                       entry.name + "' (" + reader.error().detail + ")");
      cache_->remove(entry.name);
      continue;
    }
    const auto number = static_cast<std::uint32_t>(segments_.size());
    for (const SegmentRow& row : reader->rows()) {
      index_.push_back({.row = row, .segment = number});
    }
    reader->forget_rows();
    segments_.push_back(std::make_unique<Segment>(std::move(*reader), entry.name));
  }
  std::ranges::stable_sort(index_, {}, [](const IndexedRow& indexed) { return indexed.row.key; });
}

std::optional<VariantStore::Stored> VariantStore::find(const VariantKey& key) {
  // The newest of equal keys, which sorts last, is tried first.
  auto indexed =
      std::ranges::upper_bound(index_, key, {}, [](const IndexedRow& row) { return row.row.key; });
  while (indexed != index_.begin() && std::prev(indexed)->row.key == key) {
    --indexed;
    Segment& segment = *segments_[indexed->segment];
    if (is_intact(segment.reader.descriptor(), indexed->row)) {
      segment.is_used.store(true, std::memory_order_relaxed);
      return Stored{.descriptor = segment.reader.descriptor(),
                    .offset = indexed->row.offset,
                    .length = indexed->row.length};
    }
    damaged_.fetch_add(1, std::memory_order_relaxed);
  }
  return std::nullopt;
}

Result<void> VariantStore::leave_cache(const Error& reason) {
  notes_.push_back("the cache cannot take more, packing goes on without it: " + reason.message());
  cache_->remove(temporary_name_);
  temporary_name_.clear();
  former_ = std::move(writer_);
  writer_ = std::make_unique<SegmentWriter>(SEABAG_TRY(open_scratch(scratch_directory_)));
  return {};
}

template <typename Add>
Result<VariantStore::Stored> VariantStore::put_with(Add add) {
  const std::lock_guard lock(mutex_);
  auto row = add(*writer_);
  if (!row && !temporary_name_.empty()) {
    SEABAG_TRY(leave_cache(row.error()));
    row = add(*writer_);
  }
  if (!row) {
    return with_path(std::move(row).error(), scratch_directory_);
  }
  return Stored{.descriptor = writer_->descriptor(), .offset = row->offset, .length = row->length};
}

Result<VariantStore::Stored> VariantStore::put(const VariantKey& key,
                                               std::span<const std::byte> variant) {
  return put_with([&](SegmentWriter& writer) { return writer.add(key, variant); });
}

Result<VariantStore::Stored> VariantStore::put_file(const VariantKey& key, int source,
                                                    std::uint64_t length) {
  return put_with([&](SegmentWriter& writer) { return writer.add_file(key, source, 0, length); });
}

void VariantStore::close() {
  if (!cache_ || temporary_name_.empty()) {
    return;
  }
  if (writer_->is_empty()) {
    cache_->remove(temporary_name_);
  } else if (const auto checksum = writer_->finish();
             !checksum || !cache_->publish(temporary_name_, *checksum)) {
    cache_->remove(temporary_name_);
    notes_.emplace_back("the cache could not be written; the next run will compress again");
  }
  temporary_name_.clear();
  for (const auto& segment : segments_) {
    if (segment->is_used) {
      cache_->touch(segment->name);
    }
  }
  if (const auto tidied = tidy_cache(*cache_, cache_limit_bytes_); !tidied) {
    notes_.push_back("the cache could not be tidied: " + tidied.error().message());
  }
}

VariantStore::~VariantStore() {
  if (cache_ && !temporary_name_.empty()) {
    cache_->remove(temporary_name_);
  }
}

std::vector<std::string> VariantStore::notes() const {
  std::vector<std::string> notes = notes_;
  if (damaged_ > 0) {
    notes.push_back(std::to_string(damaged_) + " damaged entries of the cache were made again");
  }
  return notes;
}

}  // namespace seabag::bundler
