#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/vfs/asset_source.h"

namespace seabag::http {

/// The strong ETag of one representation: `"<32 hex digits>"`, with `-gz`, `-br` or `-zst` before
/// the closing quote for an encoded one, so that each representation has its own (RFC 9110 §8.8.3).
class EntityTag {
 public:
  EntityTag(const std::array<std::byte, 16>& content_hash, vfs::Encoding encoding);

  /// With its quotes; as long-lived as this object.
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  static constexpr std::size_t kMaxSize = 38;

  std::array<char, kMaxSize> text_;
  std::uint8_t size_;
};

/// How two entity tags are compared (RFC 9110 §8.8.3.2): strong fails when either is weak, weak
/// looks past `W/`.
enum class TagComparison : std::uint8_t { strong, weak };

/// Whether a list as in If-Match and If-None-Match contains `tag` (a strong one) or is `*`. What
/// does not follow the grammar ends the list: a tag before it counts, one behind it does not.
[[nodiscard]] bool list_contains(std::string_view list, std::string_view tag,
                                 TagComparison comparison);

}  // namespace seabag::http
