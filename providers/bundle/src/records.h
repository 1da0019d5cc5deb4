#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "little_endian.h"
#include "seabag/bundle/format.h"
#include "seabag/bundle/tables.h"

/// The fixed-size records of the tables, byte for byte as in docs/bundle-format.md. Pure.
namespace seabag::bundle {

using EntryBytes = std::array<std::byte, kEntrySize>;
using ContentBytes = std::array<std::byte, kContentSize>;
using VariantBytes = std::array<std::byte, kVariantSize>;

/// `variants` of a content: 29 bits of first index, 3 bits of count.
inline constexpr unsigned kVariantCountShift = 29;
inline constexpr std::uint32_t kMaxVariantIndex = (1U << kVariantCountShift) - 1;

[[nodiscard]] inline EntryBytes encode_entry(const Entry& entry) {
  EntryBytes out{};
  store_le<4>(&out[0], entry.name_offset);
  store_le<1>(&out[4], entry.name_length);
  store_le<1>(&out[5], static_cast<std::uint8_t>(entry.kind));
  store_le<2>(&out[6], entry.mode);
  store_le<4>(&out[8], entry.parent);
  store_le<4>(&out[12], entry.links);
  store_le<8>(&out[16], static_cast<std::uint64_t>(entry.modified.seconds));
  store_le<4>(&out[24], entry.modified.nanoseconds);
  store_le<2>(&out[28], entry.headers);
  store_le<2>(&out[30], entry.path_length);
  store_le<4>(&out[32], entry.reference);
  store_le<4>(&out[36], entry.count);
  return out;
}

/// None for an unknown kind or impossible mode or nanoseconds. References are not looked at.
[[nodiscard]] inline std::optional<Entry> decode_entry(const std::byte* from) {
  const auto kind = static_cast<std::uint8_t>(load_le<1>(from + 5));
  Entry entry{
      .name_offset = load_le32(from),
      .name_length = static_cast<std::uint8_t>(load_le<1>(from + 4)),
      .kind = static_cast<EntryKind>(kind),
      .mode = load_le16(from + 6),
      .parent = load_le32(from + 8),
      .links = load_le32(from + 12),
      .modified = {.seconds = static_cast<std::int64_t>(load_le64(from + 16)),
                   .nanoseconds = load_le32(from + 24)},
      .headers = load_le16(from + 28),
      .path_length = load_le16(from + 30),
      .reference = load_le32(from + 32),
      .count = load_le32(from + 36),
  };
  const bool is_sound =
      kind >= 1 && kind <= 4 && entry.mode <= 07777 && entry.modified.nanoseconds < 1'000'000'000;
  return is_sound ? std::optional(entry) : std::nullopt;
}

[[nodiscard]] inline ContentBytes encode_content(const StoredContent& content) {
  ContentBytes out{};
  std::memcpy(out.data(), content.hash.data(), content.hash.size());
  store_le<6>(&out[16], content.identity.offset);
  store_le<6>(&out[22], content.identity.length);
  store_le<4>(&out[28], content.first_variant | (content.variant_count << kVariantCountShift));
  return out;
}

[[nodiscard]] inline StoredContent decode_content(const std::byte* from) {
  StoredContent content;
  std::memcpy(content.hash.data(), from, content.hash.size());
  content.identity = {.offset = load_le48(from + 16), .length = load_le48(from + 22)};
  const std::uint32_t variants = load_le32(from + 28);
  content.first_variant = variants & kMaxVariantIndex;
  content.variant_count = variants >> kVariantCountShift;
  return content;
}

[[nodiscard]] inline VariantBytes encode_variant(const StoredVariant& variant) {
  VariantBytes out{};
  store_le<6>(&out[0], variant.blob.offset);
  store_le<6>(&out[6], variant.blob.length);
  store_le<1>(&out[12], static_cast<std::uint8_t>(variant.encoding));
  return out;
}

/// None for an unknown encoding.
[[nodiscard]] inline std::optional<StoredVariant> decode_variant(const std::byte* from) {
  const auto encoding = static_cast<std::uint8_t>(load_le<1>(from + 12));
  if (encoding == 0 || encoding >= vfs::kEncodingCount) {
    return std::nullopt;
  }
  return StoredVariant{.encoding = static_cast<vfs::Encoding>(encoding),
                       .blob = {.offset = load_le48(from), .length = load_le48(from + 6)}};
}

/// Where the path index starts to look for a hash: the upper half scaled to the capacity.
[[nodiscard]] constexpr std::uint64_t index_home(std::uint64_t hash, std::uint32_t capacity) {
  return ((hash >> 32U) * capacity) >> 32U;
}

[[nodiscard]] constexpr std::uint16_t index_tag(std::uint64_t hash) {
  return static_cast<std::uint16_t>(hash & 0xFFFFU);
}

}  // namespace seabag::bundle
