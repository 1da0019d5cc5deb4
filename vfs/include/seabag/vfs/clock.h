#pragma once

#include <functional>

#include "seabag/vfs/node.h"

namespace seabag::vfs {

/// Where a provider takes the present from; passed in, so that tests decide what time it is. Called
/// from any thread and while locks are held: it must be safe for concurrent use, must not block and
/// must not call the file system.
using Clock = std::function<Timestamp()>;

/// The system's wall clock (CLOCK_REALTIME): a `Clock`.
[[nodiscard]] Timestamp system_now();

}  // namespace seabag::vfs
