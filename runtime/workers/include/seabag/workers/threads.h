#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "seabag/server/server.h"
#include "seabag/vfs/result.h"
#include "seabag/workers/lifecycle.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::workers {

struct ThreadsOptions {
  /// Who is told of this server's life, and replaces it on SIGUSR2; null: nobody. Borrowed.
  Lifecycle* lifecycle = nullptr;
  /// Whose slots' vitals the servers have been given, in their order; null: nobody watches them. A
  /// loop that has not turned for 2 s is reported, and systemd's watchdog hears nothing meanwhile:
  /// a thread cannot be ended from outside. Borrowed.
  const Scoreboard* board = nullptr;
  /// One that looks on in a thread of its own: it is on no board, and goes on until all others
  /// have ended, or a successor serves. Borrowed; null: none.
  server::Server* aide = nullptr;
  /// Told in one line what happens; null: nobody is.
  std::function<void(const std::string& line)> report = {};
  /// Called by SIGHUP, in the thread that waits; null: SIGHUP ends the process, as it always does.
  std::function<void()> reload = {};
};

/// Runs each server in a thread of its own, in one address space, until SIGTERM or SIGINT (the
/// second time at once), until a successor that SIGUSR2 has started serves, or until one of them
/// fails, which stops the others. SIGUSR1 reopens their logs. These signals are blocked in this
/// process's threads meanwhile: call it in the thread that made all others, or before there are
/// any. Errors: what `Server::run` returned first; EMFILE, EAGAIN.
[[nodiscard]] Result<void> run_threads(std::span<const std::unique_ptr<server::Server>> servers,
                                       const ThreadsOptions& options = {});

}  // namespace seabag::workers
