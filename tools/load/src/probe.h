#pragma once

#include "worker.h"

namespace seabag::load {

/// Sends one request and waits for its answer, so that what is wrong with the whole server is said
/// once and plainly. Errors: as `run`.
[[nodiscard]] Result<void> probe(const Assignment& assignment);

}  // namespace seabag::load
