#pragma once

#include <string>

#include "seabag/load/plan.h"
#include "seabag/load/report.h"

/// What `seabag bench` tells in the end.
namespace seabag::command {

/// A few lines for people. Percentiles are shown as far as there are enough samples for them, and
/// what the figures cannot be taken for is said.
[[nodiscard]] std::string to_text(const load::Plan& plan, const load::Report& report);

/// The same for programs, without a line end: times in microseconds, what is not known or has too
/// few samples as null.
[[nodiscard]] std::string to_json(const load::Plan& plan, const load::Report& report);

}  // namespace seabag::command
