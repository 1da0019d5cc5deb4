#pragma once

#include "arguments.h"
#include "seabag/bundle/reader.h"
#include "seabag/console/output.h"

namespace seabag::app {

/// Does one of the `--bundle-` actions and writes the result.
[[nodiscard]] Result<void> run_bundle_action(const Arguments& arguments, bundle::Bundle& bundle,
                                             console::Output& out);

}  // namespace seabag::app
