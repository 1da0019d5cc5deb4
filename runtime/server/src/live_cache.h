#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "lru_cache.h"
#include "seabag/http/header_fields.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/node.h"

namespace seabag::server {

/// What tells that a file is still the one that was read.
struct FileStamp {
  bool is_there = false;
  vfs::NodeId node{};
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  vfs::Timestamp modified;
  vfs::Timestamp changed;

  static FileStamp of(const vfs::Attributes& attributes);
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// The file itself and its possible variants, in the order of vfs::Encoding.
using FileStamps = std::array<FileStamp, vfs::kEncodingCount>;

/// A file with everything that is derived from it.
struct LiveEntry {
  FileStamps stamps;
  std::uint64_t rules = 0;  ///< which version of `_headers` its fields come from
  bool is_final = false;    ///< no more variants are to be made of it
  std::array<std::string, vfs::kEncodingCount> content;
  http::AssetHeaders headers;
  vfs::Asset asset;  ///< with views into this entry, and without an owner

  [[nodiscard]] std::size_t size() const;
};

/// By path.
using LiveCache = LruCache<LiveEntry>;

}  // namespace seabag::server
