#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

/// The bundle format: what `docs/bundle-format.md` describes byte by byte. All numbers are little
/// endian and unaligned; all offsets count from the start of the payload.
namespace seabag::bundle {

/// First bytes of every payload and of an empty slot in an executable.
inline constexpr std::array<unsigned char, 8> kMagic{0x89, 'S', 'E', 'A', 'B', 'A', 'G', '\n'};
inline constexpr std::uint32_t kFormatVersion = 1;

inline constexpr std::uint64_t kSuperblockSize = 4096;
/// An empty slot: the magic and eight zero bytes, so its version reads 0.
inline constexpr std::uint64_t kSlotSize = 16;
/// Blobs from this length on start at a multiple of kBlobAlignment; shorter ones sit back to back.
inline constexpr std::uint64_t kAlignedBlobLength = 16384;
inline constexpr std::uint64_t kBlobAlignment = 4096;
/// The payload behind the superblock is hashed in leaves of this many bytes.
inline constexpr std::uint64_t kLeafLength = 1U << 20U;
inline constexpr std::size_t kLeafHashSize = 32;
/// Offsets and lengths have 48 bits.
inline constexpr std::uint64_t kMaxPayloadSize = (std::uint64_t{1} << 48U) - 1;

inline constexpr std::size_t kEntrySize = 40;
inline constexpr std::size_t kContentSize = 32;
inline constexpr std::size_t kVariantSize = 16;
inline constexpr std::size_t kHeadersSize = 16;
inline constexpr std::size_t kIndexSlotSize = 6;

/// Parts of a payload, by their place in the superblock's table. The last three are reserved: a
/// bundle that needs one to be understood sets an incompatible feature bit.
enum class Section : std::uint8_t {
  entries,
  names,
  contents,
  variants,
  headers,
  header_text,
  path_index,
  config,
  hash_leaves,
  signature,
  dictionary,
  solid_blocks,
};
/// Rows of the superblock's table; what Section does not name is zero and is not read.
inline constexpr std::size_t kSectionSlots = 32;

/// Incompatible feature bits: a reader refuses a bundle that sets one it does not know.
inline constexpr std::uint32_t kIncompatSolidBlocks = 1U << 0U;  ///< reserved
inline constexpr std::uint32_t kKnownIncompatFeatures = 0;

/// A run of bytes inside the payload.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// How many stored forms of one encoding there are, and their bytes.
struct EncodingTotals {
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;
};

/// What the writer counted; told by `Bundle::info` and never relied on to read.
struct Totals {
  std::uint32_t files = 0;        ///< regular files, each counted once
  std::uint32_t directories = 0;  ///< with the root
  std::uint32_t symlinks = 0;
  std::uint32_t hard_links = 0;     ///< further names of files and symlinks
  std::uint64_t content_bytes = 0;  ///< sizes of all regular files
  std::uint32_t deduplicated = 0;   ///< files whose content another file brought
  std::uint64_t deduplicated_bytes = 0;
  std::array<EncodingTotals, vfs::kEncodingCount> encodings{};
};

using RootHash = std::array<std::byte, kLeafHashSize>;

/// The first 4096 bytes of a payload, decoded.
struct Superblock {
  std::uint32_t compat_features = 0;
  std::uint32_t incompat_features = 0;
  std::uint64_t payload_size = 0;
  /// Seconds since 1970 (SOURCE_DATE_EPOCH), 0 when not recorded.
  std::int64_t created = 0;
  RootHash root_hash{};
  std::uint32_t entries = 0;
  std::uint32_t contents = 0;
  std::uint32_t variants = 0;
  std::uint32_t headers = 0;
  /// Home positions of the path index; the section holds a few more slots for what spills over.
  std::uint32_t index_capacity = 0;
  /// Most slots that any path in the index has to look at.
  std::uint32_t index_longest_probe = 0;
  Totals totals;
  /// Who wrote it, "seabag 0.1.0": up to 63 bytes.
  std::string producer = {};
  std::array<Extent, kSectionSlots> sections{};

  [[nodiscard]] const Extent& section(Section which) const {
    return sections[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] Extent& section(Section which) { return sections[static_cast<std::size_t>(which)]; }
};

using SuperblockBytes = std::array<std::byte, kSuperblockSize>;

/// The bytes of a superblock with its checksum.
[[nodiscard]] SuperblockBytes encode_superblock(const Superblock& superblock);

/// Decodes the start of a payload and checks magic, version, features, checksum and that every
/// section lies inside `payload_size` and holds as many whole records as it should. Errors are of
/// the bundle category: not_a_bundle, no_bundle (an empty slot), truncated, unsupported, corrupt.
[[nodiscard]] Result<Superblock> decode_superblock(std::span<const std::byte> payload);

/// Bytes of the tables that grow with the number of files: without names, header text and config.
[[nodiscard]] std::uint64_t metadata_bytes(const Superblock& superblock);

/// Copies a superblock as the root hash sees it: checksum, root hash and the signature's place are
/// zero, so that a signature over the root can be added later.
[[nodiscard]] SuperblockBytes superblock_for_root(const SuperblockBytes& bytes);

}  // namespace seabag::bundle
