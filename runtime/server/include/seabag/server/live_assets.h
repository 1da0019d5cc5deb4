#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "seabag/http/header_fields.h"
#include "seabag/server/content_hash.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/namespace.h"

namespace seabag::server {

/// Whether files that text is in get compressed forms while they are served.
enum class LiveCompression : std::uint8_t { off, on };

struct LiveOptions {
  /// Where in the namespace the site is.
  std::string root = "/";
  http::SecurityProfile security = http::SecurityProfile::none;
  /// The hash that ETags are made of: `bundle::content_hash`, so that a file has the same ETag here
  /// and packed. Needed.
  ContentHash hash;
  /// Most bytes of file content that are kept in memory.
  std::size_t cache_size = 32 * 1024 * 1024;
  LiveCompression compression = LiveCompression::off;
  /// Told in one line of a `_headers` file with a fault, whose last good rules stay in use. Called
  /// by whoever calls `find`. Null: nobody is.
  std::function<void(const std::string& line)> report = {};
};

/// Any file system as a site: the same answers that a bundle of it gives, computed when asked and
/// kept while the files don't change. Every `find` looks at the attributes of what it answers with.
///
/// Content up to 1 MiB is held in memory. A longer file is read through `Asset::file`, and its ETag
/// comes from its size and times, because hashing it would keep everybody waiting. `NAME.gz`,
/// `NAME.br` and `NAME.zst` are variants of NAME when they are not older, shorter than it, at most
/// 1 MiB, and (gzip, zstd) begin as such data does; they are not decoded to compare.
///
/// With LiveCompression::on, gzip and Zstandard forms of text in memory that has no such variants
/// are made by a thread of its own, which starts with the first file; until they are there the file
/// is served as it is. They are kept as long as the file itself.
///
/// Safe for concurrent use.
class LiveAssets final : public vfs::AssetSource {
 public:
  /// `files` must outlive this. Errors: EINVAL with line and column for a fault in `_headers`, and
  /// what reading it says.
  [[nodiscard]] static Result<std::unique_ptr<LiveAssets>> create(const vfs::Namespace& files,
                                                                  LiveOptions options);
  ~LiveAssets() override;

  [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override;

 private:
  struct State;
  class Compression;
  explicit LiveAssets(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::server
