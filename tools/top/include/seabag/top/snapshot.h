#pragma once

#include <string_view>

#include "seabag/admin/overview.h"
#include "seabag/vfs/result.h"

namespace seabag::top {

/// Reads what admin::status_json has written, of this version or another: what is missing is 0 or
/// empty. Errors: EPROTO for what is no JSON object with workers.
[[nodiscard]] Result<admin::Overview> read_snapshot(std::string_view json);

}  // namespace seabag::top
