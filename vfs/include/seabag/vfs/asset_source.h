#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "seabag/vfs/file.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// Content codings that Seabag keeps (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
enum class Encoding : std::uint8_t { identity, gzip, br, zstd };
inline constexpr std::size_t kEncodingCount = 4;

/// One stored form of an asset's content. Absent when `present` is false.
struct Representation {
  bool present = false;
  /// Bytes of this form.
  std::uint64_t length = 0;
  /// The bytes in memory, or empty when they must be read through `file`. Owned by the source (a
  /// mapped bundle) or by `Asset::owner`.
  std::span<const std::byte> bytes = {};
  /// Where the same bytes are in a kernel file, for sendfile(2); -1 when there is none. Owned as
  /// `bytes` is.
  int descriptor = -1;
  std::uint64_t descriptor_offset = 0;
};

/// Everything a server needs to answer for one path, prepared: nothing in here is computed or
/// allocated for a bundle. Views are owned by the source that gave the asset, or by `owner`.
struct Asset {
  /// regular or directory; symlinks have been followed.
  FileType type = FileType::regular;
  Timestamp modified;
  /// Hash of the identity content: the strong ETag is its hexadecimal form plus the encoding.
  std::array<std::byte, 16> content_hash{};
  std::array<Representation, kEncodingCount> representations{};
  /// Rendered header fields (each line ending in CRLF) that every 200, 206 and HEAD answer carries:
  /// Content-Type, Cache-Control, Vary, nosniff and what `_headers` adds. The server adds only what
  /// depends on the answer: status, Date, ETag, Last-Modified, Content-Encoding, length and ranges.
  std::string_view header_fields = {};
  /// The fields among them that a 304 carries (RFC 9110 §15.4.5).
  std::string_view not_modified_fields = {};
  /// Reads what is not in memory; identity only. Null when all `bytes` are there.
  std::shared_ptr<const File> file = {};
  /// Keeps the views alive; null when they live as long as the source.
  std::shared_ptr<const void> owner = {};

  [[nodiscard]] const Representation& representation(Encoding encoding) const {
    return representations[static_cast<std::size_t>(encoding)];
  }
  [[nodiscard]] bool has_variants() const {
    return representations[1].present || representations[2].present || representations[3].present;
  }
};

/// A path in, its representations out: the seam between where files live and the server.
///
/// Safe for concurrent use; answers stay valid as long as the source lives (see `Asset::owner`).
class AssetSource {
 public:
  virtual ~AssetSource() = default;

  /// The asset at an absolute, normalised path: starts with `/`, without empty, `.` and `..`
  /// components and without a trailing slash, except `/` itself. Symlinks are followed (at most
  /// 40). Directories are found too. Errors: ENOENT, ENOTDIR, ELOOP, EIO; never allocates on a
  /// miss.
  [[nodiscard]] virtual Result<Asset> find(std::string_view path) const = 0;
};

}  // namespace seabag::vfs
