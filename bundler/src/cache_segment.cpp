#include "cache_segment.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace seabag::bundler {
namespace {

constexpr std::array<unsigned char, 8> kMagic{'S', 'B', 'C', 'A', 'C', 'H', 'E', '1'};
constexpr std::size_t kRecordHeaderSize = 40;
constexpr std::size_t kChecksummedHeaderSize = 32;
constexpr std::size_t kRowSize = 40;
constexpr std::size_t kTrailerSize = 32;
constexpr std::size_t kPieceSize = 256U << 10U;
constexpr std::size_t kHashSize = sizeof(bundle::ContentHash);

void put(std::byte* target, std::uint64_t value) {
  for (unsigned index = 0; index < 8; ++index) {
    target[index] = static_cast<std::byte>(value >> (8 * index));
  }
}

std::uint64_t get(const std::byte* source) {
  std::uint64_t value = 0;
  for (unsigned index = 0; index < 8; ++index) {
    value |= std::to_integer<std::uint64_t>(source[index]) << (8 * index);
  }
  return value;
}

Error damaged(const char* detail) {
  return make_error(std::errc::illegal_byte_sequence, "read", {}, detail);
}

/// XXH3-64 in pieces.
class Checksum {
 public:
  Checksum() { XXH3_64bits_reset(&state_); }
  void update(std::span<const std::byte> bytes) {
    XXH3_64bits_update(&state_, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::uint64_t finish() const { return XXH3_64bits_digest(&state_); }

 private:
  XXH3_state_t state_;
};

using RecordHeader = std::array<std::byte, kRecordHeaderSize>;

/// The header of a record up to its checksum.
RecordHeader start_header(const VariantKey& key, std::uint64_t length) {
  RecordHeader header{};
  std::ranges::copy(key.content, header.begin());
  put(&header[kHashSize], key.recipe);
  put(&header[kHashSize + 8], length);
  return header;
}

std::array<std::byte, kRowSize> encode_row(const SegmentRow& row) {
  std::array<std::byte, kRowSize> bytes{};
  std::ranges::copy(row.key.content, bytes.begin());
  put(&bytes[kHashSize], row.key.recipe);
  put(&bytes[kHashSize + 8], row.offset);
  put(&bytes[kHashSize + 16], row.length);
  return bytes;
}

SegmentRow decode_row(const std::byte* bytes) {
  SegmentRow row;
  std::copy_n(bytes, kHashSize, row.key.content.begin());
  row.key.recipe = get(bytes + kHashSize);
  row.offset = get(bytes + kHashSize + 8);
  row.length = get(bytes + kHashSize + 16);
  return row;
}

/// Hands a part of a file to `take`, piece by piece; fewer bytes than asked for are an error.
template <typename Take>
Result<void> for_each_piece(int descriptor, std::uint64_t offset, std::uint64_t length, Take take) {
  const auto room = std::make_unique_for_overwrite<std::byte[]>(
      static_cast<std::size_t>(std::min<std::uint64_t>(length, kPieceSize)));
  while (length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, kPieceSize));
    const std::span<std::byte> piece(room.get(), wanted);
    if (SEABAG_TRY(read_at(descriptor, piece, offset, {})) < wanted) {
      return damaged("the file ends early");
    }
    SEABAG_TRY(take(std::span<const std::byte>(piece)));
    offset += wanted;
    length -= wanted;
  }
  return {};
}

}  // namespace

bool is_intact(int descriptor, const SegmentRow& row) {
  if (row.offset < kRecordHeaderSize) {
    return false;
  }
  RecordHeader stored{};
  const auto count = read_at(descriptor, stored, row.offset - kRecordHeaderSize, {});
  if (!count || *count < stored.size()) {
    return false;
  }
  const RecordHeader expected = start_header(row.key, row.length);
  if (!std::equal(stored.begin(), stored.begin() + kChecksummedHeaderSize, expected.begin())) {
    return false;
  }
  Checksum checksum;
  checksum.update(std::span(stored).first<kChecksummedHeaderSize>());
  const auto read = for_each_piece(descriptor, row.offset, row.length,
                                   [&](std::span<const std::byte> piece) -> Result<void> {
                                     checksum.update(piece);
                                     return {};
                                   });
  return read && checksum.finish() == get(&stored[kChecksummedHeaderSize]);
}

Result<SegmentReader> SegmentReader::open(Descriptor file) {
  const FileStatus status = SEABAG_TRY(status_of(file.get(), {}));
  if (status.size < kRecordHeaderSize + kTrailerSize) {
    return damaged("too short");
  }
  const std::uint64_t trailer_offset = status.size - kTrailerSize;
  std::array<std::byte, kTrailerSize> trailer{};
  if (SEABAG_TRY(read_at(file.get(), trailer, trailer_offset, {})) < trailer.size() ||
      std::memcmp(&trailer[24], kMagic.data(), kMagic.size()) != 0) {
    return damaged("no trailer");
  }
  const std::uint64_t count = get(&trailer[0]);
  const std::uint64_t offset = get(&trailer[8]);
  if (offset > trailer_offset || count != (trailer_offset - offset) / kRowSize ||
      count * kRowSize != trailer_offset - offset) {
    return damaged("the index is not where it should be");
  }
  std::vector<std::byte> index(static_cast<std::size_t>(count * kRowSize));
  if (SEABAG_TRY(read_at(file.get(), index, offset, {})) < index.size()) {
    return damaged("the index ends early");
  }
  Checksum checksum;
  checksum.update(index);
  checksum.update(std::span(trailer).first<16>());
  if (checksum.finish() != get(&trailer[16])) {
    return damaged("the index is damaged");
  }
  SegmentReader reader;
  reader.rows_.reserve(static_cast<std::size_t>(count));
  for (std::size_t at = 0; at < index.size(); at += kRowSize) {
    const SegmentRow row = decode_row(&index[at]);
    if (row.offset > offset || row.length > offset - row.offset) {
      return damaged("a row points outside");
    }
    reader.rows_.push_back(row);
  }
  reader.file_ = std::move(file);
  return reader;
}

Result<SegmentRow> SegmentWriter::end_record(const VariantKey& key, std::uint64_t length,
                                             std::uint64_t checksum) {
  RecordHeader header = start_header(key, length);
  put(&header[kChecksummedHeaderSize], checksum);
  SEABAG_TRY(write_at(file_.get(), header, end_, {}));
  const SegmentRow row{.key = key, .offset = end_ + kRecordHeaderSize, .length = length};
  rows_.push_back(row);
  end_ = row.offset + length;
  return row;
}

Result<SegmentRow> SegmentWriter::add(const VariantKey& key, std::span<const std::byte> variant) {
  Checksum checksum;
  const RecordHeader header = start_header(key, variant.size());
  checksum.update(std::span(header).first<kChecksummedHeaderSize>());
  checksum.update(variant);
  SEABAG_TRY(write_at(file_.get(), variant, end_ + kRecordHeaderSize, {}));
  return end_record(key, variant.size(), checksum.finish());
}

Result<SegmentRow> SegmentWriter::add_file(const VariantKey& key, int source, std::uint64_t offset,
                                           std::uint64_t length) {
  Checksum checksum;
  const RecordHeader header = start_header(key, length);
  checksum.update(std::span(header).first<kChecksummedHeaderSize>());
  std::uint64_t target = end_ + kRecordHeaderSize;
  SEABAG_TRY(
      for_each_piece(source, offset, length, [&](std::span<const std::byte> piece) -> Result<void> {
        checksum.update(piece);
        SEABAG_TRY(write_at(file_.get(), piece, target, {}));
        target += piece.size();
        return {};
      }));
  return end_record(key, length, checksum.finish());
}

Result<std::uint64_t> SegmentWriter::finish() {
  std::array<std::byte, kHeaderSize> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  SEABAG_TRY(write_at(file_.get(), header, 0, {}));
  std::vector<std::byte> index;
  index.reserve(rows_.size() * kRowSize + kTrailerSize);
  for (const SegmentRow& row : rows_) {
    const auto bytes = encode_row(row);
    index.insert(index.end(), bytes.begin(), bytes.end());
  }
  std::array<std::byte, kTrailerSize> trailer{};
  put(&trailer[0], rows_.size());
  put(&trailer[8], end_);
  Checksum checksum;
  checksum.update(index);
  checksum.update(std::span(trailer).first<16>());
  const std::uint64_t sum = checksum.finish();
  put(&trailer[16], sum);
  std::memcpy(&trailer[24], kMagic.data(), kMagic.size());
  index.insert(index.end(), trailer.begin(), trailer.end());
  SEABAG_TRY(write_at(file_.get(), index, end_, {}));
  return sum;
}

}  // namespace seabag::bundler
