#pragma once

#include <string>
#include <string_view>

#include "rule_file.h"
#include "seabag/http/site_rules.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// What a browser may begin to fetch before the answer of a handler is there (103, RFC 8297): the
/// `Link` lines with `rel=preload`, `modulepreload` or `preconnect` that the site's `_headers` has
/// for its path. Files have them in their answers, which come as soon as a hint would. One thread
/// at a time.
class EarlyHints {
 public:
  /// `assets` must outlive this.
  explicit EarlyHints(const vfs::AssetSource& assets);

  /// Reads the file, if there is one and it is not the one that has been read. What is there stays
  /// when that fails. Errors: EINVAL with line and column, EFBIG, and what the source says.
  [[nodiscard]] Result<void> load();

  /// Rendered lines for a decoded path; empty for none.
  [[nodiscard]] std::string lines_for(std::string_view path) const;

 private:
  RuleFile file_;
  http::HeaderRules rules_;
};

}  // namespace seabag::server
