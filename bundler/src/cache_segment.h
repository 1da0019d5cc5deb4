#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "posix_io.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/vfs/result.h"

/// A file of compressed variants: records back to back, an index of them, a trailer that finds the
/// index. Written once, then only read. All numbers are little endian.
///
///   header   8 B magic, 8 B zero
///   record   16 B content hash, 8 B recipe, 8 B length, 8 B checksum (XXH3-64 of the 32 bytes
///            before and of the variant), then the variant
///   index    a row for each record: 16 B content hash, 8 B recipe, 8 B offset of the variant,
///            8 B length
///   trailer  8 B rows, 8 B offset of the index, 8 B checksum of the index and of the 16 bytes
///            before, 8 B magic
namespace seabag::bundler {

/// Which variant: of this content, made by this recipe.
struct VariantKey {
  bundle::ContentHash content{};
  std::uint64_t recipe = 0;

  friend auto operator<=>(const VariantKey&, const VariantKey&) = default;
};

/// Where a variant is in a segment. A length of 0 says that it is not worth keeping.
struct SegmentRow {
  VariantKey key;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A complete segment, open for reading. Safe for concurrent use.
class SegmentReader {
 public:
  /// Reads the index. EILSEQ when the file is no segment, or truncated, or its index is damaged.
  [[nodiscard]] static Result<SegmentReader> open(Descriptor file);

  [[nodiscard]] const std::vector<SegmentRow>& rows() const { return rows_; }
  [[nodiscard]] int descriptor() const { return file_.get(); }
  /// Gives back the memory of the rows.
  void forget_rows() { rows_ = {}; }

 private:
  Descriptor file_;
  std::vector<SegmentRow> rows_;
};

/// A segment in the making. One thread at a time.
class SegmentWriter {
 public:
  /// `file` is empty and open for reading and writing.
  explicit SegmentWriter(Descriptor file) : file_(std::move(file)) {}

  /// Appends a variant, held in memory or to be copied from the start of another file.
  [[nodiscard]] Result<SegmentRow> add(const VariantKey& key, std::span<const std::byte> variant);
  [[nodiscard]] Result<SegmentRow> add_file(const VariantKey& key, int source, std::uint64_t offset,
                                            std::uint64_t length);

  /// Writes index and trailer; answers the checksum of the index, which makes a good name.
  [[nodiscard]] Result<std::uint64_t> finish();

  [[nodiscard]] bool is_empty() const { return rows_.empty(); }
  [[nodiscard]] int descriptor() const { return file_.get(); }

 private:
  [[nodiscard]] Result<SegmentRow> end_record(const VariantKey& key, std::uint64_t length,
                                              std::uint64_t checksum);

  static constexpr std::uint64_t kHeaderSize = 16;

  Descriptor file_;
  std::uint64_t end_ = kHeaderSize;
  std::vector<SegmentRow> rows_;
};

/// Whether the record of a row is what it was when it was written. Reads it completely; an error of
/// reading counts as damage.
[[nodiscard]] bool is_intact(int descriptor, const SegmentRow& row);

}  // namespace seabag::bundler
