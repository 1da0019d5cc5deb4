#pragma once

#include <string_view>

namespace seabag::console {

/// The version of Seabag that this was built from, such as `0.1.0`.
[[nodiscard]] std::string_view version();

}  // namespace seabag::console
