#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "plan.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/bundle/writer.h"

namespace seabag::bundler {

/// What has been stored, each content once. 33 bytes a content and 5 to 11 for finding it again.
/// One thread at a time.
class Contents {
 public:
  struct Content {
    bundle::ContentHash hash{};
    bundle::Blob identity;
  };

  Contents() : index_(kFirstIndexSize, 0) {}

  [[nodiscard]] std::optional<ContentNumber> find(const bundle::ContentHash& hash) const;
  /// The hash must not be there yet.
  ContentNumber add(const bundle::ContentHash& hash, const bundle::Blob& identity);

  [[nodiscard]] std::size_t size() const { return contents_.size(); }
  [[nodiscard]] const Content& operator[](ContentNumber number) const {
    return contents_[static_cast<std::size_t>(number)];
  }

  /// Whether some file with this content is of a type that is worth compressing.
  void mark_compressible(ContentNumber number) {
    compressible_[static_cast<std::size_t>(number)] = true;
  }
  [[nodiscard]] bool is_compressible(ContentNumber number) const {
    return compressible_[static_cast<std::size_t>(number)];
  }

 private:
  static constexpr std::size_t kFirstIndexSize = 1024;

  [[nodiscard]] std::size_t home(const bundle::ContentHash& hash) const;
  void index(std::uint32_t number);

  std::vector<Content> contents_;
  std::vector<bool> compressible_;
  std::vector<std::uint32_t> index_;  ///< by hash: content + 1, 0: empty; a power of two
};

}  // namespace seabag::bundler
