#pragma once

#include "rule_file.h"
#include "seabag/http/site_rules.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// The rules of the `/_redirects` file of a site. One thread at a time.
class Redirects {
 public:
  /// `assets` must outlive this.
  explicit Redirects(const vfs::AssetSource& assets);

  /// Reads the file, if there is one and it is not the one that has been read. What is there stays
  /// when that fails. Errors: EINVAL with line and column, EFBIG, and what the source says.
  [[nodiscard]] Result<void> load();

  /// Valid as long as this; its content changes with `load`.
  [[nodiscard]] const http::RedirectRules& rules() const { return rules_; }

 private:
  RuleFile file_;
  http::RedirectRules rules_;
};

}  // namespace seabag::server
