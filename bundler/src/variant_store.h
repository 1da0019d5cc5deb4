#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache_directory.h"
#include "cache_segment.h"

namespace seabag::bundler {

/// Where variants wait between compressing and writing: those of earlier runs in the cache, new
/// ones in a segment that becomes part of it. Without a cache directory, in a scratch file. Safe
/// for concurrent use, except `close`.
class VariantStore {
 public:
  struct Options {
    std::string cache_directory;  ///< empty: none
    std::uint64_t cache_limit_bytes = 0;
    std::string scratch_directory;
  };

  /// A cache that cannot be used is left alone with a note; only a missing scratch file is an
  /// error.
  [[nodiscard]] static Result<std::unique_ptr<VariantStore>> open(const Options& options);
  ~VariantStore();
  VariantStore(const VariantStore&) = delete;
  VariantStore& operator=(const VariantStore&) = delete;

  /// A variant, or the knowledge that it is not worth keeping (length 0).
  struct Stored {
    int descriptor = -1;  ///< owned by the store
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  /// What the cache knows, checked. Damaged records count as unknown.
  [[nodiscard]] std::optional<Stored> find(const VariantKey& key);

  /// Keeps a variant; an empty one says that it is not worth keeping. When the cache's disk is
  /// full, goes on without it. Errors: those of the scratch file.
  [[nodiscard]] Result<Stored> put(const VariantKey& key, std::span<const std::byte> variant);
  /// The same for bytes at the start of a file.
  [[nodiscard]] Result<Stored> put_file(const VariantKey& key, int source, std::uint64_t length);

  /// Makes what was put part of the cache, and the cache small enough. No call but destruction may
  /// follow. Without it the new variants are lost.
  void close();

  [[nodiscard]] const std::string& scratch_directory() const { return scratch_directory_; }

  /// What went wrong with the cache, for the report.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  struct IndexedRow {
    SegmentRow row;
    std::uint32_t segment = 0;
  };
  struct Segment {
    Segment(SegmentReader opened, std::string its_name)
        : reader(std::move(opened)), name(std::move(its_name)) {}

    SegmentReader reader;
    std::string name;
    std::atomic<bool> is_used = false;
  };

  explicit VariantStore(std::string scratch_directory)
      : scratch_directory_(std::move(scratch_directory)) {}
  void open_cache(const Options& options);
  void load_segments();
  template <typename Add>
  [[nodiscard]] Result<Stored> put_with(Add add);
  [[nodiscard]] Result<void> leave_cache(const Error& reason);

  std::string scratch_directory_;
  std::optional<CacheDirectory> cache_;
  std::uint64_t cache_limit_bytes_ = 0;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<IndexedRow> index_;  ///< sorted by key; of equal keys the newest last
  std::atomic<std::uint64_t> damaged_ = 0;

  mutable std::mutex mutex_;               ///< for what follows
  std::unique_ptr<SegmentWriter> writer_;  ///< what `put` fills
  std::unique_ptr<SegmentWriter> former_;  ///< the cache's, after its disk was full
  std::string temporary_name_;             ///< of the writer's file, while it will join the cache
  std::vector<std::string> notes_;
};

}  // namespace seabag::bundler
