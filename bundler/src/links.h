#pragma once

#include "plan.h"

namespace seabag::bundler {

/// Checks that every symlink of the plan stays inside of the packed tree: no way to its target
/// climbs above the root, and an absolute target, which counts from the packed root, exists. What
/// is missing below the tree is fine, and so are loops. Failure link_outside for the first one in
/// the order of the plan.
[[nodiscard]] Result<void> check_links(const Plan& plan);

}  // namespace seabag::bundler
