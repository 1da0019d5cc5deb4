#pragma once

#include "contents.h"
#include "plan.h"
#include "seabag/bundle/writer.h"
#include "seabag/http/site_rules.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// Reads `_headers` in the root of the tree, and checks `_redirects` beside it. Both stay files of
/// the tree. EINVAL with file, line and column for a mistake in either; EFBIG for one beyond 1 MiB.
[[nodiscard]] Result<http::HeaderRules> read_site_rules(const Plan& plan, const Contents& contents,
                                                        const bundle::Writer& writer);

}  // namespace seabag::bundler
