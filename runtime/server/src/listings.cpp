#include "listings.h"

#include <algorithm>
#include <utility>

#include "seabag/coding/coding.h"
#include "seabag/http/date.h"

namespace seabag::server {
namespace {

constexpr std::size_t kNamesKept = 16 * 1024 * 1024;
constexpr std::size_t kPagesKept = 8 * 1024 * 1024;
/// Symlinks of one directory that are followed to tell files from directories; the others stand
/// among the files.
constexpr std::size_t kMostFollowed = 1000;
/// Less is not worth a variant.
constexpr std::size_t kCompressed = 1024;
constexpr int kGzipLevel = 5;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kJson = "application/json";

// Nothing but the style sheet inside is used by the page.
std::string fields_of(std::string_view type) {
  return "Content-Type: " + std::string(type) +
         "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
         "Vary: Accept, Accept-Encoding\r\nReferrer-Policy: same-origin\r\n"
         "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
         "base-uri 'none'; form-action 'none'; frame-ancestors 'self'\r\n";
}

constexpr std::string_view kNotModifiedFields =
    "Cache-Control: no-cache\r\nVary: Accept, Accept-Encoding\r\n";

std::string join(std::string_view directory, std::string_view name) {
  return std::string(directory == "/" ? std::string_view() : directory) + "/" + std::string(name);
}

bool is_hidden(std::string_view directory, std::string_view name) {
  return !http::is_listable(name) ||
         (directory == "/" && (name == "_headers" || name == "_redirects"));
}

/// A change within the same tick of the clock would not show.
bool is_settled(const FileStamp& stamp, std::string_view date) {
  constexpr std::int64_t kTick = 2;
  const auto now = http::parse_date(date);
  return now && *now > stamp.modified.seconds + kTick;
}

void set_content(vfs::Asset& asset, std::size_t index, const std::string& bytes) {
  vfs::Representation& representation = asset.representations[index];
  representation.present = true;
  representation.length = bytes.size();
  representation.bytes = std::as_bytes(std::span<const char>(bytes));
}

}  // namespace

std::size_t Listings::Names::size() const {
  return sizeof(Names) + text.capacity() + rows.capacity() * sizeof(Row);
}

std::size_t Listings::Page::size() const {
  std::size_t size = sizeof(Page);
  for (const std::string& one : content) {
    size += one.capacity();
  }
  return size;
}

Listings::Listings(const vfs::Namespace& files, ContentHash hash, Mutability mutability)
    : files_(&files),
      hash_(std::move(hash)),
      may_change_(mutability == Mutability::changing),
      html_fields_(fields_of(kHtml)),
      json_fields_(fields_of(kJson)),
      names_(kNamesKept),
      pages_(kPagesKept) {}

Result<vfs::Asset> Listings::find(const ListingRequest& request) {
  const std::string key = std::to_string(request.page) +
                          (request.form == ListingForm::json ? "j" : "h") +
                          std::string(request.directory);
  std::shared_ptr<const Page> page = pages_.find(key);
  if (page == nullptr || (may_change_ && page->date != request.date)) {
    page = SEABAG_TRY(make_page(request));
    pages_.put(key, page);
  }
  vfs::Asset asset = page->asset;
  asset.owner = std::move(page);
  return asset;
}

Result<std::shared_ptr<const Listings::Names>> Listings::names_of(const ListingRequest& request) {
  const auto attributes = files_->stat(request.directory);
  if (!attributes) {
    return attributes.error();
  }
  const FileStamp now = FileStamp::of(*attributes);
  std::shared_ptr<const Names> kept = names_.find(request.directory);
  if (kept != nullptr && kept->stamp == now) {
    return kept;
  }
  const auto fresh = SEABAG_TRY(read_names(request.directory));
  fresh->stamp = now;
  if (!may_change_ || is_settled(now, request.date)) {
    names_.put(request.directory, fresh);
  }
  return std::shared_ptr<const Names>(fresh);
}

bool Listings::is_directory(std::string_view directory, const vfs::DirectoryEntry& entry,
                            std::size_t& followed) const {
  if (entry.type != vfs::FileType::symlink || followed >= kMostFollowed) {
    return entry.type == vfs::FileType::directory;
  }
  ++followed;
  const auto target = files_->stat(join(directory, entry.name));
  return target && target->type == vfs::FileType::directory;
}

Result<std::shared_ptr<Listings::Names>> Listings::read_names(std::string_view directory) {
  const std::vector<vfs::DirectoryEntry> entries = SEABAG_TRY(files_->list(directory));
  const auto names = std::make_shared<Names>();
  std::size_t followed = 0;
  for (const vfs::DirectoryEntry& entry : entries) {
    const bool may_be_served = entry.type == vfs::FileType::regular ||
                               entry.type == vfs::FileType::directory ||
                               entry.type == vfs::FileType::symlink;
    if (!may_be_served || is_hidden(directory, entry.name)) {
      continue;
    }
    names->rows.push_back({.offset = names->text.size(),
                           .length = static_cast<std::uint8_t>(entry.name.size()),
                           .is_directory = is_directory(directory, entry, followed)});
    names->text += entry.name;
  }
  // They came sorted by name.
  std::stable_partition(names->rows.begin(), names->rows.end(),
                        [](const Names::Row& row) { return row.is_directory; });
  return names;
}

Listings::Rows Listings::rows_of(const ListingRequest& request, const Names& names) const {
  Rows rows;
  const std::size_t first = (request.page - 1) * kPageRows;
  const std::size_t last = std::min(first + kPageRows, names.rows.size());
  for (std::size_t i = first; i < last; ++i) {
    const std::string_view name = names.name(names.rows[i]);
    const auto attributes = files_->stat(join(request.directory, name));
    if (attributes && (attributes->type == vfs::FileType::regular ||
                       attributes->type == vfs::FileType::directory)) {
      rows.push_back({.name = name,
                      .type = attributes->type,
                      .size = attributes->size,
                      .modified = attributes->modified});
    }
  }
  return rows;
}

Result<std::shared_ptr<const Listings::Page>> Listings::make_page(const ListingRequest& request) {
  const auto names = SEABAG_TRY(names_of(request));
  const std::size_t count =
      std::max<std::size_t>(1, (names->rows.size() + kPageRows - 1) / kPageRows);
  if (request.page > count) {
    return make_error(std::errc::no_such_file_or_directory, "list", request.directory);
  }
  const Rows rows = rows_of(request, *names);
  const http::ListingPage shown{
      .directory = request.directory, .entries = rows, .number = request.page, .count = count};
  const bool is_json = request.form == ListingForm::json;
  const auto page = std::make_shared<Page>();
  page->date = request.date;
  page->content[0] = is_json ? render_listing_json(shown) : render_listing_html(shown);
  vfs::Asset& asset = page->asset;
  set_content(asset, 0, page->content[0]);
  asset.content_hash = hash_(asset.representations[0].bytes);
  asset.header_fields = is_json ? json_fields_ : html_fields_;
  asset.not_modified_fields = kNotModifiedFields;
  asset.modified = names->stamp.modified;
  for (const http::ListedEntry& row : rows) {
    asset.modified = std::max(asset.modified, row.modified);
  }
  if (page->content[0].size() >= kCompressed) {
    constexpr auto kGzip = static_cast<std::size_t>(vfs::Encoding::gzip);
    page->content[kGzip] =
        SEABAG_TRY(coding::make_gzip(asset.representations[0].bytes, kGzipLevel));
    set_content(asset, kGzip, page->content[kGzip]);
  }
  return std::shared_ptr<const Page>(page);
}

}  // namespace seabag::server
