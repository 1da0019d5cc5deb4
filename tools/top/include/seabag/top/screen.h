#pragma once

#include <cstddef>
#include <string>

#include "seabag/admin/overview.h"

namespace seabag::top {

enum class Colours : bool { off, on };

struct ScreenOptions {
  std::size_t columns = 80;  ///< lines are cut there
  std::size_t rows = 0;      ///< and the screen here; 0: nowhere
  Colours colours = Colours::off;
};

/// What a person sees of a server: rates and latency since `before`, or since its start when that
/// is null. Lines that end with a line feed.
[[nodiscard]] std::string draw(const admin::Overview& now, const admin::Overview* before,
                               const ScreenOptions& options);

}  // namespace seabag::top
