#include "cache_directory.h"

#include <algorithm>
#include <memory>
#include <set>

#include "cache_segment.h"

namespace seabag::bundler {
namespace {

/// Every run that compresses leaves a segment; from this many on the smallest are merged.
constexpr std::size_t kMostSegments = 16;
constexpr std::size_t kSegmentsAfterMerge = 8;

/// Copies the intact records of a segment that are not known yet.
Result<void> copy_records(const SegmentReader& reader, std::set<VariantKey>& known,
                          SegmentWriter& writer) {
  for (const SegmentRow& row : reader.rows()) {
    if (!is_intact(reader.descriptor(), row) || !known.insert(row.key).second) {
      continue;
    }
    SEABAG_TRY(writer.add_file(row.key, reader.descriptor(), row.offset, row.length));
  }
  return {};
}

/// Makes one segment of several and removes those.
Result<void> merge(const CacheDirectory& cache, const std::vector<CacheDirectory::Entry>& entries) {
  CacheDirectory::Temporary made = SEABAG_TRY(cache.create());
  SegmentWriter writer(std::move(made.file));
  std::set<VariantKey> known;
  vfs::Timestamp used;
  for (const CacheDirectory::Entry& entry : entries) {
    auto file = cache.open_segment(entry.name);
    auto reader = file ? SegmentReader::open(std::move(*file)) : std::move(file).error();
    if (!reader) {
      continue;  // damaged or gone: nothing to keep
    }
    const auto copied = copy_records(*reader, known, writer);
    if (!copied) {
      cache.remove(made.name);
      return copied.error();
    }
    used = std::max(used, entry.used);
  }
  const auto checksum = writer.finish();
  if (!checksum) {
    cache.remove(made.name);
    return checksum.error();
  }
  for (const CacheDirectory::Entry& entry : entries) {
    cache.remove(entry.name);
  }
  return cache.publish_used(made.name, *checksum, used);
}

}  // namespace

Result<void> tidy_cache(const CacheDirectory& cache, std::uint64_t limit_bytes) {
  std::vector<CacheDirectory::Entry> entries = SEABAG_TRY(cache.list());
  std::uint64_t total = 0;
  for (const CacheDirectory::Entry& entry : entries) {
    total += entry.size;
  }
  auto oldest = entries.begin();
  for (; oldest != entries.end() && total > limit_bytes; ++oldest) {
    cache.remove(oldest->name);
    total -= oldest->size;
  }
  entries.erase(entries.begin(), oldest);
  if (entries.size() <= kMostSegments) {
    return {};
  }
  std::ranges::sort(entries, {}, &CacheDirectory::Entry::size);
  entries.resize(entries.size() - kSegmentsAfterMerge + 1);
  // The newest first, because of two records for one key the first stays.
  std::ranges::sort(entries, std::ranges::greater{}, &CacheDirectory::Entry::used);
  return merge(cache, entries);
}

}  // namespace seabag::bundler
