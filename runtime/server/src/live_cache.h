#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

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
  std::array<std::string, vfs::kEncodingCount> content;
  http::AssetHeaders headers;
  vfs::Asset asset;  ///< with views into this entry, and without an owner

  [[nodiscard]] std::size_t size() const;
};

/// The entries that were used last, up to a number of bytes. One thread at a time.
class LiveCache {
 public:
  explicit LiveCache(std::size_t capacity) : capacity_(capacity) {}

  /// The entry of this path, or null.
  [[nodiscard]] std::shared_ptr<const LiveEntry> find(std::string_view path);
  /// Keeps an entry, in the place of one that may be there, unless it is larger than all space.
  void put(std::string_view path, std::shared_ptr<const LiveEntry> entry);
  void remove(std::string_view path);

 private:
  struct Kept {
    std::string path;
    std::shared_ptr<const LiveEntry> entry;
  };
  using Order = std::list<Kept>;

  std::size_t capacity_;
  std::size_t used_ = 0;
  Order order_;  ///< the one that was used last is in front
  std::unordered_map<std::string_view, Order::iterator> places_;  ///< views into `order_`
};

}  // namespace seabag::server
