#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "seabag/vfs/node.h"

namespace seabag::http {

/// One row of a directory's page.
struct ListedEntry {
  std::string_view name;
  /// regular or directory.
  vfs::FileType type = vfs::FileType::regular;
  std::uint64_t size = 0;
  vfs::Timestamp modified;
};

/// A part of a directory as somebody sees it.
struct ListingPage {
  /// Absolute path, decoded, without a trailing slash unless it is `/`.
  std::string_view directory;
  std::span<const ListedEntry> entries;
  /// From 1; a page that does not exist is told by the caller.
  std::size_t number = 1;
  /// How many pages there are, at least 1.
  std::size_t count = 1;
};

/// The page as HTML: one file without scripts. Links are relative (`./a%3Fb`), so that they hold
/// behind any prefix. Names are escaped; what is no UTF-8, and controls, are shown as U+FFFD.
[[nodiscard]] std::string render_listing_html(const ListingPage& page);

/// The same as JSON: `{"path": ..., "page": 1, "pages": 1, "entries": [{"name": ..., "href": ...,
/// "type": "file" | "directory", "size": ..., "modified": "2026-01-31T12:00:00Z"}]}`. What is
/// no UTF-8 in a name is shown as in HTML; `href` is exact.
[[nodiscard]] std::string render_listing_json(const ListingPage& page);

/// Whether a file of this name, in any directory, can be asked for: it survives the way into a URL
/// and back, and is not hidden by a dot.
[[nodiscard]] bool is_listable(std::string_view name);

}  // namespace seabag::http
