#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "seabag/vfs/result.h"

namespace seabag::workers {

/// What a worker process does until it is told to stop: `index` is 0 .. workers - 1 and stays with
/// the place of a worker that is replaced. Returns the process's exit code. SIGTERM (stop) and
/// SIGUSR1 (reopen logs) are blocked and must be taken, as server::Server::take_signals does;
/// SIGINT is ignored, because a terminal sends it to everybody and the supervisor passes it on.
using WorkerMain = std::function<int(unsigned index)>;

/// The exit code of a worker that would fail again: it is not replaced, all stop, and `run` returns
/// it.
inline constexpr int kGiveUp = 70;

struct SupervisorOptions {
  unsigned workers = 1;
  /// Before a worker that died is replaced; doubled each time, up to `longest_pause`, and back to
  /// this for one that has lived for `healthy_after`.
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{10'000};
  std::chrono::milliseconds healthy_after{10'000};
  /// From the first signal to stop until workers that are still there are killed: more than the
  /// drain of a server takes.
  std::chrono::milliseconds stop_time{15'000};
  /// Told in one line what happens to workers; null: nobody is.
  std::function<void(const std::string& line)> report = {};
};

/// Runs worker processes and replaces those that die. The same for one worker and for many.
///
/// SIGTERM and SIGINT stop all of them gracefully, the second time at once; SIGUSR1 goes on to
/// each. Workers end when their supervisor is killed. To be called in a process with one thread,
/// which forks.
///
/// Returns 0 after a stop in which every worker ended well, 1 when one had to be killed, kGiveUp as
/// told there. Errors: EAGAIN, ENOMEM when not even the first workers can be made.
[[nodiscard]] Result<int> supervise(const SupervisorOptions& options, const WorkerMain& main);

}  // namespace seabag::workers
