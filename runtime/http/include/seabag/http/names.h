#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/http/site_rules.h"
#include "seabag/http/status.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::http {

/// How URL paths become names of files.
struct NameOptions {
  /// Served for a directory.
  std::string index = "index.html";
  /// `/about` serves `/about.html`, and `/about/` leads there when there is no such directory.
  bool clean_urls = true;
  /// The page for every path that a single-page app routes itself, such as `/index.html`; empty for
  /// none. Only for GET and HEAD that accept text/html by name, without a file extension, and
  /// outside `asset_prefixes`: anything else that is missing is a real 404.
  std::string spa_fallback = {};
  /// Paths below which nothing but files is served, such as `/assets`.
  std::vector<std::string> asset_prefixes = {};
  /// A directory without an index is listed.
  bool listing = false;
};

/// What a request's path comes to.
struct Resolution {
  /// 200, 400 (malformed path), 404 or a redirect.
  Status status = Status::not_found;
  /// What to send for 200; the page for 404 if there is one.
  std::optional<vfs::Asset> asset = {};
  /// The target alone has led to `asset`: whatever else requests for it say, they get the same.
  bool is_named = false;
  /// Absolute path of the directory to be listed, for a 200 without `asset`.
  std::string directory = {};
  /// Location of a redirect.
  std::string location = {};
  /// Why it is 400; a literal.
  const char* reason = "";
};

/// Finds what a URL names.
///
/// In this order: forced `_redirects` rules; the file of that name; for a directory its index, or a
/// redirect to the path with a slash (301, the query kept); `NAME.html`; other `_redirects` rules;
/// the listing of a directory; the single-page fallback; 404 with the nearest `404.html` on the way
/// up to the root. A file wins over `NAME.html`, that over a directory. A file of exactly the name
/// is served as it is,
/// `/about.html` and `/index.html` too. Components that start with a dot do not exist, except
/// `/.well-known`; neither do `/_headers` and `/_redirects`.
///
/// Borrows its source and rules, which must live longer. Safe for concurrent use.
class NameResolver {
 public:
  /// `redirects` may be null.
  NameResolver(const vfs::AssetSource& source, NameOptions options,
               const RedirectRules* redirects = nullptr);

  /// For GET and HEAD. A file of exactly the name costs one `find` and no allocation. Errors: what
  /// the source answers other than that a name does not exist.
  [[nodiscard]] Result<Resolution> resolve(const RequestHead& head) const;

 private:
  class Lookup;

  const vfs::AssetSource& source_;
  NameOptions options_;
  std::string index_suffix_;
  const RedirectRules* redirects_;
};

}  // namespace seabag::http
