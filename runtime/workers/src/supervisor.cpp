#include "seabag/workers/supervisor.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

namespace seabag::workers {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// The signals that the supervisor waits for instead of being interrupted by them.
class TakenSignals {
 public:
  TakenSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) {
      sigaddset(&set_, signal);
    }
    sigprocmask(SIG_BLOCK, &set_, &previous_);
  }
  TakenSignals(const TakenSignals&) = delete;
  TakenSignals& operator=(const TakenSignals&) = delete;
  ~TakenSignals() {
    // Whatever came too late has been obeyed already; it must not end us when it is let in.
    const timespec at_once{};
    while (sigtimedwait(&set_, nullptr, &at_once) > 0) {
    }
    sigprocmask(SIG_SETMASK, &previous_, nullptr);
  }

  /// The next signal, or 0 when none came until then.
  [[nodiscard]] int wait_until(std::optional<Clock::time_point> moment) const {
    if (!moment) {
      return std::max(sigwaitinfo(&set_, nullptr), 0);
    }
    const auto left = std::max(Clock::duration::zero(), *moment - Clock::now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
    return std::max(sigtimedwait(&set_, nullptr, &limit), 0);
  }

  /// What a worker gets: SIGTERM and SIGUSR1 still blocked, until it takes them itself.
  void leave_to_worker() const {
    signal(SIGINT, SIG_IGN);
    sigset_t mask = previous_;
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t previous_{};
};

std::string describe(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return "was ended by SIG" + std::string(name != nullptr ? name : "?");
  }
  return "ended with code " + std::to_string(WEXITSTATUS(status));
}

class Supervision {
 public:
  Supervision(const SupervisorOptions& options, const WorkerMain& main)
      : options_(options), main_(main), workers_(std::max(options.workers, 1U)) {}

  Result<int> run();

 private:
  struct Worker {
    pid_t process = 0;  ///< 0: none
    Clock::time_point started;
    std::optional<Clock::time_point> restart;  ///< when it is to be replaced
    milliseconds pause{0};
  };

  Result<void> start(Worker& worker);
  void restart_due();
  void take_signal(int signal);
  void reap();
  void on_ended(Worker& worker, int status);
  void stop(int code);
  void send(int signal) const;
  void report(const std::string& line) const;
  [[nodiscard]] std::optional<Clock::time_point> next_moment() const;
  [[nodiscard]] bool has_workers() const;

  const SupervisorOptions& options_;
  const WorkerMain& main_;
  TakenSignals signals_;
  std::vector<Worker> workers_;
  std::optional<Clock::time_point> kill_at_;  ///< set: all are to stop
  int code_ = 0;
};

Result<int> Supervision::run() {
  for (Worker& worker : workers_) {
    if (auto started = start(worker); !started) {
      stop(1);
      send(SIGKILL);
      reap();
      return started.error();
    }
  }
  while (!kill_at_ || has_workers()) {
    take_signal(signals_.wait_until(next_moment()));
    restart_due();
  }
  return code_;
}

Result<void> Supervision::start(Worker& worker) {
  const pid_t supervisor = getpid();
  const pid_t child = fork();
  if (child < 0) {
    return errno_error(errno, "fork");
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor) {
      _exit(0);
    }
    signals_.leave_to_worker();
    // Not exit: what the parent registered to be done at its end is not for us.
    _exit(main_(static_cast<unsigned>(&worker - workers_.data())));
  }
  worker.process = child;
  worker.started = Clock::now();
  worker.restart.reset();
  return {};
}

void Supervision::restart_due() {
  const Clock::time_point now = Clock::now();
  if (kill_at_ && now >= *kill_at_ && has_workers()) {
    report("workers that do not stop are killed");
    send(SIGKILL);
    code_ = std::max(code_, 1);
    kill_at_ = now + options_.stop_time;
  }
  for (Worker& worker : workers_) {
    if (!kill_at_ && worker.restart && now >= *worker.restart) {
      if (auto started = start(worker); !started) {
        report(started.error().message());
        worker.restart = now + options_.longest_pause;
      }
    }
  }
}

void Supervision::take_signal(int signal) {
  switch (signal) {
    case SIGTERM:
    case SIGINT:
      stop(0);
      break;
    case SIGUSR1:
      send(SIGUSR1);
      break;
    case SIGCHLD:
      reap();
      break;
    default:
      break;
  }
}

void Supervision::reap() {
  int status = 0;
  for (Worker& worker : workers_) {
    if (worker.process != 0 && waitpid(worker.process, &status, WNOHANG) == worker.process) {
      on_ended(worker, status);
    }
  }
}

void Supervision::on_ended(Worker& worker, int status) {
  const std::string who = "worker " + std::to_string(&worker - workers_.data()) + " (process " +
                          std::to_string(worker.process) + ") ";
  worker.process = 0;
  const bool is_fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (kill_at_) {
    code_ = is_fine ? code_ : std::max(code_, 1);
    return;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kGiveUp) {
    report(who + "can't work");
    stop(kGiveUp);
    return;
  }
  const Clock::time_point now = Clock::now();
  const bool was_healthy = now - worker.started >= options_.healthy_after;
  worker.pause = was_healthy || worker.pause == milliseconds::zero()
                     ? options_.first_pause
                     : std::min(2 * worker.pause, options_.longest_pause);
  worker.restart = now + worker.pause;
  report(who + describe(status) + "; the next one starts in " +
         std::to_string(worker.pause.count()) + " ms");
}

void Supervision::stop(int code) {
  code_ = std::max(code_, code);
  kill_at_ = kill_at_.value_or(Clock::now() + options_.stop_time);
  send(SIGTERM);
}

void Supervision::send(int signal) const {
  for (const Worker& worker : workers_) {
    if (worker.process != 0) {
      kill(worker.process, signal);
    }
  }
}

void Supervision::report(const std::string& line) const {
  if (options_.report) {
    options_.report(line);
  }
}

std::optional<Clock::time_point> Supervision::next_moment() const {
  if (kill_at_) {
    return kill_at_;
  }
  std::optional<Clock::time_point> next;
  for (const Worker& worker : workers_) {
    if (worker.restart && (!next || *worker.restart < *next)) {
      next = worker.restart;
    }
  }
  return next;
}

bool Supervision::has_workers() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.process != 0; });
}

}  // namespace

Result<int> supervise(const SupervisorOptions& options, const WorkerMain& main) {
  return Supervision(options, main).run();
}

}  // namespace seabag::workers
