#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "contents.h"
#include "recipe.h"
#include "seabag/bundle/writer.h"
#include "seabag/bundler/pack.h"
#include "siblings.h"
#include "variant_store.h"

namespace seabag::bundler {

/// How far compressing has come; read by the thread that reports while others count.
struct CompressionProgress {
  std::atomic<std::uint64_t> contents = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::uint64_t contents_total = 0;
  std::uint64_t bytes_total = 0;
};

/// Makes the variants of what is stored: in any order and on all cores, into the store; then, in
/// the order of contents, from the store into the bundle. One thread at a time.
class Representations {
 public:
  struct Options {
    Profile profile = Profile::release;
    unsigned jobs = 1;
  };

  /// Everything is borrowed. `adopted` is sorted by content and encoding.
  Representations(const Contents& contents, bundle::Writer& writer, VariantStore& store,
                  const Options& options)
      : contents_(contents), writer_(writer), store_(store), options_(options) {}

  /// Sees to it that the store holds every variant that is worth keeping, but those in `adopted`.
  /// `on_tick` runs on the calling thread. Errors: those of reading back and of the store, ENOMEM.
  [[nodiscard]] Result<void> compress(const std::vector<StoredVariant>& adopted,
                                      const std::function<void()>& on_tick);

  /// Copies the variants into the bundle; sorted by content and encoding. EIO when the cache has
  /// been changed meanwhile.
  [[nodiscard]] Result<std::vector<StoredVariant>> write(const std::function<void()>& on_tick);

  [[nodiscard]] const CompressionProgress& progress() const { return progress_; }
  [[nodiscard]] std::uint64_t computed() const { return computed_; }
  [[nodiscard]] std::uint64_t cached() const { return cached_; }

 private:
  struct Want {
    ContentNumber content{};
    vfs::Encoding encoding = vfs::Encoding::gzip;
    VariantStore::Stored stored;  ///< a length of 0: not worth keeping
  };
  /// Wants of one content that one thread does in one go: all of a small one.
  struct Unit {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint64_t cost = 0;
  };
  class Worker;

  void collect_wants(const std::vector<StoredVariant>& adopted);
  [[nodiscard]] std::vector<Unit> make_units();
  [[nodiscard]] Recipe recipe(const Want& want) const;
  [[nodiscard]] Result<void> copy(const Want& want, std::span<std::byte> room);

  const Contents& contents_;
  bundle::Writer& writer_;
  VariantStore& store_;
  Options options_;
  std::vector<Want> wants_;  ///< sorted by content and encoding
  CompressionProgress progress_;
  std::atomic<std::uint64_t> computed_ = 0;
  std::atomic<std::uint64_t> cached_ = 0;
};

}  // namespace seabag::bundler
