#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "live_cache.h"
#include "lru_cache.h"
#include "seabag/http/listing.h"
#include "seabag/server/content_hash.h"
#include "seabag/server/server.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/namespace.h"

namespace seabag::server {

enum class ListingForm : std::uint8_t { html, json };

struct ListingRequest {
  std::string_view directory;  ///< absolute, decoded
  std::size_t page = 1;
  ListingForm form = ListingForm::html;
  std::string_view date;  ///< the present, IMF-fixdate
};

/// Pages that list the directories of a site, of kPageRows rows each: directories first, then by
/// name. The names of a directory are read once for each change of it, attributes only of what a
/// page shows, and a page is made at most once a second, so that a large directory is no burden.
/// One thread at a time.
class Listings {
 public:
  static constexpr std::size_t kPageRows = 1000;

  /// `files` must outlive this. With Mutability::fixed they never change.
  Listings(const vfs::Namespace& files, ContentHash hash, Mutability mutability);

  /// The page as an asset that is held by its owner. Errors: ENOENT for a page that does not exist;
  /// ENOTDIR, EACCES and what else the files say.
  [[nodiscard]] Result<vfs::Asset> find(const ListingRequest& request);

 private:
  /// The names of a directory in their order.
  struct Names {
    struct Row {
      std::size_t offset = 0;
      std::uint8_t length = 0;
      bool is_directory = false;
    };
    FileStamp stamp;
    std::string text;
    std::vector<Row> rows;

    [[nodiscard]] std::string_view name(const Row& row) const {
      return std::string_view(text).substr(row.offset, row.length);
    }
    [[nodiscard]] std::size_t size() const;
  };
  struct Page {
    std::string date;
    std::array<std::string, vfs::kEncodingCount> content;
    vfs::Asset asset;

    [[nodiscard]] std::size_t size() const;
  };
  using Rows = std::vector<http::ListedEntry>;

  Result<std::shared_ptr<const Names>> names_of(const ListingRequest& request);
  Result<std::shared_ptr<Names>> read_names(std::string_view directory);
  [[nodiscard]] bool is_directory(std::string_view directory, const vfs::DirectoryEntry& entry,
                                  std::size_t& followed) const;
  [[nodiscard]] Rows rows_of(const ListingRequest& request, const Names& names) const;
  Result<std::shared_ptr<const Page>> make_page(const ListingRequest& request);

  const vfs::Namespace* files_;
  ContentHash hash_;
  bool may_change_;
  const std::string html_fields_;
  const std::string json_fields_;
  LruCache<Names> names_;
  LruCache<Page> pages_;
};

}  // namespace seabag::server
