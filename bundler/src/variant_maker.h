#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec.h"
#include "contents.h"
#include "seabag/bundle/writer.h"
#include "variant_store.h"

namespace seabag::bundler {

/// Makes variants of one content after the other; keeps its buffers and encoders. One thread at a
/// time, each its own.
class VariantMaker {
 public:
  /// Both are borrowed. Scratch files go into `scratch_directory`.
  VariantMaker(const bundle::Writer& writer, VariantStore& store, std::string scratch_directory)
      : writer_(writer), store_(store), scratch_directory_(std::move(scratch_directory)) {}

  /// Turns to another content.
  void begin(const Contents::Content& content);

  /// Makes one variant and puts it into the store, or puts down that it is not worth keeping.
  [[nodiscard]] Result<VariantStore::Stored> make(const Recipe& recipe);

 private:
  [[nodiscard]] Result<bool> looks_compressed();
  [[nodiscard]] Result<std::vector<std::byte>> sample() const;
  [[nodiscard]] Result<VariantStore::Stored> make_in_memory(const Recipe& recipe,
                                                            const VariantKey& key);
  [[nodiscard]] Result<VariantStore::Stored> make_streamed(const Recipe& recipe,
                                                           const VariantKey& key);

  const bundle::Writer& writer_;
  VariantStore& store_;
  std::string scratch_directory_;
  const Contents::Content* content_ = nullptr;  ///< owned by the caller of `begin`
  std::optional<bool> looks_compressed_;
  std::vector<std::byte> input_;  ///< the content, once it has been read
  std::vector<std::byte> output_;
  Encoder encoder_;
};

}  // namespace seabag::bundler
