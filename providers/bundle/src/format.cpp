#include "seabag/bundle/format.h"

#include <algorithm>
#include <cstring>

#include "checksum.h"
#include "little_endian.h"
#include "seabag/bundle/error.h"

namespace seabag::bundle {
namespace {

// Where each field of the superblock is.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kSizeAt = 12;
constexpr std::size_t kCompatAt = 16;
constexpr std::size_t kIncompatAt = 20;
constexpr std::size_t kPayloadSizeAt = 24;
constexpr std::size_t kChecksumAt = 32;
constexpr std::size_t kCreatedAt = 40;
constexpr std::size_t kRootHashAt = 48;
constexpr std::size_t kCountsAt = 80;
constexpr std::size_t kTotalsAt = 128;
constexpr std::size_t kEncodingTotalsAt = 192;
constexpr std::size_t kProducerAt = 320;
constexpr std::size_t kProducerSize = 64;
constexpr std::size_t kSectionsAt = 512;
constexpr std::size_t kSectionSlotSize = 16;

Error damaged(std::string detail) {
  return bundle_error(BundleErrc::corrupt, "open", std::move(detail));
}

constexpr std::size_t section_at(std::size_t index) {
  return kSectionsAt + index * kSectionSlotSize;
}

/// The same fields in the same order for encoding and decoding: `field(offset, width, member)`.
template <typename Block, typename Field>
void each_number(Block& block, Field field) {
  field(kCompatAt, 4, block.compat_features);
  field(kIncompatAt, 4, block.incompat_features);
  field(kPayloadSizeAt, 8, block.payload_size);
  field(kCreatedAt, 8, block.created);
  field(kCountsAt, 4, block.entries);
  field(kCountsAt + 4, 4, block.contents);
  field(kCountsAt + 8, 4, block.variants);
  field(kCountsAt + 12, 4, block.headers);
  field(kCountsAt + 16, 4, block.index_capacity);
  field(kCountsAt + 20, 4, block.index_longest_probe);
  auto& totals = block.totals;
  field(kTotalsAt, 4, totals.files);
  field(kTotalsAt + 4, 4, totals.directories);
  field(kTotalsAt + 8, 4, totals.symlinks);
  field(kTotalsAt + 12, 4, totals.hard_links);
  field(kTotalsAt + 16, 8, totals.content_bytes);
  field(kTotalsAt + 24, 4, totals.deduplicated);
  field(kTotalsAt + 32, 8, totals.deduplicated_bytes);
  for (std::size_t i = 0; i < totals.encodings.size(); ++i) {
    field(kEncodingTotalsAt + 16 * i, 4, totals.encodings[i].count);
    field(kEncodingTotalsAt + 16 * i + 8, 8, totals.encodings[i].bytes);
  }
  for (std::size_t i = 0; i < kSectionSlots; ++i) {
    field(section_at(i), 8, block.sections[i].offset);
    field(section_at(i) + 8, 8, block.sections[i].length);
  }
}

std::uint64_t checksum(SuperblockBytes bytes) {
  store_le(&bytes[kChecksumAt], 0);
  return xxh3({bytes.data(), bytes.size()});
}

/// Magic, version and checksum: what must hold before any other field means something.
Result<void> check_identity(std::span<const std::byte> payload) {
  if (payload.size() < kSlotSize ||
      std::memcmp(payload.data(), kMagic.data(), kMagic.size()) != 0) {
    return bundle_error(BundleErrc::not_a_bundle, "open", "it does not start with a superblock");
  }
  const std::uint32_t version = load_le32(&payload[kVersionAt]);
  if (version == 0) {
    return bundle_error(BundleErrc::no_bundle, "open", "nothing has been packed into it");
  }
  if (payload.size() < kSuperblockSize) {
    return bundle_error(BundleErrc::truncated, "open", "it ends inside the superblock");
  }
  SuperblockBytes bytes;
  std::memcpy(bytes.data(), payload.data(), bytes.size());
  if (checksum(bytes) != load_le64(&payload[kChecksumAt])) {
    return damaged("the superblock's checksum does not fit");
  }
  if (version != kFormatVersion || load_le32(&payload[kSizeAt]) != kSuperblockSize) {
    return bundle_error(
        BundleErrc::unsupported, "open",
        "format version " + std::to_string(version) + ": a newer seabag wrote this bundle");
  }
  return {};
}

Result<void> check_section(const Superblock& block, Section which, std::uint64_t count,
                           std::uint64_t record_size) {
  const Extent& section = block.section(which);
  const bool fits = section.offset >= kSuperblockSize && section.offset <= block.payload_size &&
                    section.length <= block.payload_size - section.offset;
  if (!fits || (record_size != 0 && section.length != count * record_size)) {
    return damaged("section " + std::to_string(static_cast<unsigned>(which)) +
                   " does not fit into the payload");
  }
  return {};
}

Result<void> check_sections(const Superblock& block) {
  SEABAG_TRY(check_section(block, Section::entries, block.entries, kEntrySize));
  SEABAG_TRY(check_section(block, Section::names, 0, 0));
  SEABAG_TRY(check_section(block, Section::contents, block.contents, kContentSize));
  SEABAG_TRY(check_section(block, Section::variants, block.variants, kVariantSize));
  SEABAG_TRY(check_section(block, Section::headers, block.headers, kHeadersSize));
  SEABAG_TRY(check_section(block, Section::header_text, 0, 0));
  const Extent& index = block.section(Section::path_index);
  SEABAG_TRY(
      check_section(block, Section::path_index, index.length / kIndexSlotSize, kIndexSlotSize));
  SEABAG_TRY(check_section(block, Section::config, 0, 0));
  const Extent& leaves = block.section(Section::hash_leaves);
  SEABAG_TRY(
      check_section(block, Section::hash_leaves, leaves.length / kLeafHashSize, kLeafHashSize));
  const std::uint64_t hashed = leaves.offset - kSuperblockSize;
  if (leaves.length / kLeafHashSize != (hashed + kLeafLength - 1) / kLeafLength) {
    return damaged("the hash tree does not cover the payload");
  }
  if (block.entries == 0 || block.index_capacity == 0 ||
      index.length / kIndexSlotSize < block.index_capacity) {
    return damaged("there is no root directory or no path index");
  }
  return {};
}

}  // namespace

SuperblockBytes encode_superblock(const Superblock& superblock) {
  SuperblockBytes out{};
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  store_le<4>(&out[kVersionAt], kFormatVersion);
  store_le<4>(&out[kSizeAt], kSuperblockSize);
  each_number(superblock, [&](std::size_t at, unsigned width, auto value) {
    if (width == 4) {
      store_le<4>(&out[at], static_cast<std::uint64_t>(value));
    } else {
      store_le<8>(&out[at], static_cast<std::uint64_t>(value));
    }
  });
  std::memcpy(&out[kRootHashAt], superblock.root_hash.data(), superblock.root_hash.size());
  std::memcpy(&out[kProducerAt], superblock.producer.data(),
              std::min(superblock.producer.size(), kProducerSize - 1));
  store_le(&out[kChecksumAt], checksum(out));
  return out;
}

Result<Superblock> decode_superblock(std::span<const std::byte> payload) {
  SEABAG_TRY(check_identity(payload));
  Superblock block;
  each_number(block, [&]<typename T>(std::size_t at, unsigned width, T& member) {
    member = static_cast<T>(width == 4 ? load_le32(&payload[at]) : load_le64(&payload[at]));
  });
  std::memcpy(block.root_hash.data(), &payload[kRootHashAt], block.root_hash.size());
  std::array<char, kProducerSize> producer;
  std::memcpy(producer.data(), &payload[kProducerAt], producer.size());
  block.producer.assign(producer.begin(), std::find(producer.begin(), producer.end(), '\0'));
  if ((block.incompat_features & ~kKnownIncompatFeatures) != 0) {
    return bundle_error(BundleErrc::unsupported, "open",
                        "it needs a feature that this version does not have");
  }
  if (block.payload_size > kMaxPayloadSize || block.payload_size < kSuperblockSize) {
    return damaged("its size makes no sense");
  }
  if (payload.size() < block.payload_size) {
    return bundle_error(
        BundleErrc::truncated, "open",
        std::to_string(block.payload_size - payload.size()) + " bytes are missing at its end");
  }
  SEABAG_TRY(check_sections(block));
  return block;
}

std::uint64_t metadata_bytes(const Superblock& superblock) {
  std::uint64_t bytes = kSuperblockSize;
  for (const Section section : {Section::entries, Section::contents, Section::variants,
                                Section::headers, Section::path_index, Section::hash_leaves}) {
    bytes += superblock.section(section).length;
  }
  return bytes;
}

SuperblockBytes superblock_for_root(const SuperblockBytes& bytes) {
  SuperblockBytes out = bytes;
  const auto clear = [&](std::size_t at, std::size_t length) {
    std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at), length, std::byte{0});
  };
  clear(kChecksumAt, 8);
  clear(kRootHashAt, kLeafHashSize);
  clear(section_at(static_cast<std::size_t>(Section::signature)), kSectionSlotSize);
  return out;
}

}  // namespace seabag::bundle
