#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "seabag/vfs/result.h"
#include "seabag/workers/lifecycle.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::workers {

/// What a worker process knows of itself.
class Worker {
 public:
  Worker(unsigned index, WorkerSlot& slot, int announcements)
      : index_(index), slot_(&slot), announcements_(announcements) {}

  /// 0 .. workers - 1; stays with the place of a worker that is replaced.
  [[nodiscard]] unsigned index() const { return index_; }
  /// What the server of this worker has to be given, so that its heart is heard to beat.
  [[nodiscard]] server::Vitals& vitals() const { return slot_->vitals; }
  /// Tells the supervisor that connections are taken from now on.
  void announce() const;

 private:
  unsigned index_;
  WorkerSlot* slot_;
  int announcements_;  ///< an eventfd of the supervisor
};

/// What a worker process does until it is told to stop. Returns the process's exit code. SIGTERM
/// (stop), SIGUSR1 (reopen logs) and SIGHUP (reload) are blocked and must be taken, as
/// server::Server::take_signals does; SIGINT is ignored, because a terminal sends it to everybody
/// and the supervisor passes it on.
using WorkerMain = std::function<int(const Worker& worker)>;

/// The exit code of a worker that would fail again: it is not replaced, all stop, and `run` returns
/// it.
inline constexpr int kGiveUp = 70;

/// A process that is none of the workers but is replaced and watched as they are: it looks on, so
/// it stays until all workers have ended, or a successor serves. Nobody waits for it to begin, and
/// kGiveUp ends only itself. Its index is the number of the workers; it gets no SIGUSR1 and SIGHUP.
struct Aide {
  std::string name;  ///< in reports
  WorkerMain main;
};

struct SupervisorOptions {
  unsigned workers = 1;
  /// Borrowed; null: none.
  const Aide* aide = nullptr;
  /// A worker that dies is replaced at once; when the next one does not live for `healthy_after`,
  /// after this pause, which doubles each time, up to `longest_pause`.
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{10'000};
  std::chrono::milliseconds healthy_after{2'000};
  /// A worker whose loop has not turned for this long gets SIGABRT, which writes its stack to
  /// standard error; one that is still there after `kill_time`, SIGKILL. While it waits for a
  /// processor it has longer, until half of that time was spent on one.
  std::chrono::milliseconds stall_time{2'000};
  std::chrono::milliseconds kill_time{5'000};
  /// The same as `stall_time` for a worker that does not turn its loop yet.
  std::chrono::milliseconds start_time{30'000};
  /// From the first signal to stop until workers that are still there are killed: more than the
  /// drain of a server takes.
  std::chrono::milliseconds stop_time{15'000};
  /// Where workers show how they are, with a slot for each; null: on a board that nobody else sees.
  /// Borrowed.
  const Scoreboard* board = nullptr;
  /// Who is told of this server's life, and replaces it on SIGUSR2; null: nobody. Borrowed.
  Lifecycle* lifecycle = nullptr;
  /// Told in one line what happens to workers; null: nobody is.
  std::function<void(const std::string& line)> report = {};
  /// Called here for SIGHUP and SIGUSR1, before they go on: workers that are made later begin with
  /// what this process knows and has open. Null: nothing is.
  std::function<void()> reload = {};
  std::function<void()> reopen = {};
};

/// Runs worker processes and replaces those that die or are stuck.
/// The same for one worker and for many.
///
/// SIGTERM and SIGINT stop all of them gracefully, the second time at once; SIGUSR1 and SIGHUP go
/// on to each, but SIGHUP is a stop when it says that our terminal has gone. Workers end when their
/// supervisor is killed. To be called in a process with one thread, which forks.
/// SIGUSR2 starts a successor; once it serves, all workers stop as after SIGTERM.
///
/// Returns 0 after a stop in which every worker ended well, 1 when one had to be killed, kGiveUp as
/// told there. Errors: EAGAIN, ENOMEM when not even the first workers can be made; ENOSYS before
/// Linux 5.4.
[[nodiscard]] Result<int> supervise(const SupervisorOptions& options, const WorkerMain& main);

}  // namespace seabag::workers
