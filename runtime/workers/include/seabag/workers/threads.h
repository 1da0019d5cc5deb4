#pragma once

#include <functional>
#include <memory>
#include <span>

#include "seabag/server/server.h"
#include "seabag/vfs/result.h"

namespace seabag::workers {

/// Runs each server in a thread of its own, in one address space, until SIGTERM or SIGINT (the
/// second time at once) or until one of them fails, which stops the others. SIGUSR1 reopens their
/// logs. These signals are blocked in this process's threads meanwhile: call it in the thread that
/// made all others, or before there are any. Errors: what `Server::run` returned first; EMFILE,
/// EAGAIN.
///
/// With `reload`, SIGHUP calls it, in this thread.
[[nodiscard]] Result<void> run_threads(std::span<const std::unique_ptr<server::Server>> servers,
                                       const std::function<void()>& reload = {});

}  // namespace seabag::workers
