#pragma once

#include <string>

namespace seabag::intercept {

/// The path under which the library that is preloaded into programs can be found as long as this
/// process lives: it is carried in this executable and put into a memory file once.
[[nodiscard]] const std::string& shim_path();

}  // namespace seabag::intercept
