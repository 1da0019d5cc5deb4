#pragma once

#include <cstddef>
#include <functional>

#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// How many threads to use when `wanted` are wanted: one a core for 0, and never more than 256.
[[nodiscard]] unsigned worker_count(unsigned wanted);

/// What is done for one of many independent tasks: `worker` is 0 .. jobs - 1 and tells which thread
/// runs it, `task` is 0 .. count - 1.
using Task = std::function<Result<void>(unsigned worker, std::size_t task)>;

/// Runs `count` tasks on `jobs` threads, begun in their order, and returns when all have ended. An
/// error ends it early; of several, that of the first task is told. `on_tick` runs on the calling
/// thread about ten times a second.
[[nodiscard]] Result<void> run_parallel(unsigned jobs, std::size_t count, const Task& task,
                                        const std::function<void()>& on_tick);

}  // namespace seabag::bundler
