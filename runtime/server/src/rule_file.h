#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// A file of rules at the root of a site, which may be there, and change. One thread at a time.
class RuleFile {
 public:
  /// `assets` must outlive this; `path` is a literal.
  RuleFile(const vfs::AssetSource& assets, std::string_view path, std::uint64_t longest)
      : assets_(&assets), path_(path), longest_(longest) {}

  /// The text, empty when there is no file; nothing when it is the one that was read before.
  /// Errors: EFBIG beyond `longest` bytes, and what the source says; told once for each change.
  [[nodiscard]] Result<std::optional<std::string>> read();

 private:
  const vfs::AssetSource* assets_;
  std::string_view path_;
  std::uint64_t longest_;
  std::array<std::byte, 16> content_hash_{};
  vfs::Timestamp modified_;
  bool is_there_ = false;
};

}  // namespace seabag::server
