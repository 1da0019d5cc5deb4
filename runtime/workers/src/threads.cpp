#include "seabag/workers/threads.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "seabag/net/descriptor.h"
#include "taken_signals.h"

namespace seabag::workers {
namespace {

using server::LoopState;
using Servers = std::span<const std::unique_ptr<server::Server>>;

/// A loop that has not turned for this long is stuck.
constexpr std::chrono::milliseconds kStallTime{2'000};

void stop_all(Servers servers) {
  for (const auto& server : servers) {
    server->stop();
  }
}

/// The threads and what became of them.
class Threads {
 public:
  Threads(Servers servers, net::Descriptor ended) : servers_(servers), ended_(std::move(ended)) {}
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { join(); }

  Result<void> start() {
    for (const auto& server : servers_) {
      SEABAG_TRY(start([this, &server] { run(*server); }));
    }
    return {};
  }

  /// One whose end nobody waits for, but `join`.
  Result<void> start_aide(server::Server& aide) {
    return start([this, &aide] { note(aide.run()); });
  }

  void join() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  /// Readable once for each thread that has ended.
  [[nodiscard]] int ended() const { return ended_.get(); }
  [[nodiscard]] std::optional<Error> first_error() {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  template <typename Main>
  Result<void> start(Main main) {
    try {
      threads_.emplace_back(std::move(main));
    } catch (const std::system_error&) {
      return errno_error(EAGAIN, "thread");
    }
    return {};
  }

  void run(server::Server& server) {
    note(server.run());
    eventfd_write(ended_.get(), 1);
  }

  void note(const Result<void>& result) {
    const std::lock_guard lock(mutex_);
    if (!result && !error_) {
      error_ = result.error();
    }
  }

  Servers servers_;
  net::Descriptor ended_;
  std::mutex mutex_;
  std::optional<Error> error_;
  std::vector<std::thread> threads_;
};

/// The threads as the one that waits for them sees them.
class Watch {
 public:
  Watch(Servers servers, const ThreadsOptions& options) : servers_(servers), options_(options) {}

  Result<void> run();

 private:
  void wait(int ended);
  void take_signal(int signal);
  void look_at_heartbeats();
  void look_at_lifecycle();
  void stop();
  void stop_aide();
  [[nodiscard]] int time_to_wait() const;

  Servers servers_;
  const ThreadsOptions& options_;
  TakenSignals signals_{SIGTERM, SIGINT, SIGUSR1, SIGUSR2, options_.reload ? SIGHUP : SIGTERM};
  std::size_t running_ = 0;
  bool is_aide_stopped_ = false;
  std::vector<bool> is_silent_ = std::vector<bool>(servers_.size());
};

Result<void> Watch::run() {
  SEABAG_TRY(signals_.open());
  net::Descriptor ended(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!ended.is_open()) {
    return errno_error(errno, "eventfd");
  }
  if (options_.board != nullptr) {
    for (WorkerSlot& slot : options_.board->slots()) {
      Scoreboard::note_start(slot);
      slot.process.store(getpid(), std::memory_order_relaxed);
    }
  }
  Threads threads(servers_, std::move(ended));
  auto started = threads.start();
  if (started && options_.aide != nullptr) {
    started = threads.start_aide(*options_.aide);
  }
  if (!started) {
    stop_all(servers_);
    stop_aide();
    return started.error();
  }
  if (options_.lifecycle != nullptr) {
    options_.lifecycle->note_serving();
  }
  bool has_failed = false;
  for (running_ = servers_.size(); running_ > 0;) {
    wait(threads.ended());
    look_at_heartbeats();
    look_at_lifecycle();
    if (!has_failed && threads.first_error()) {
      has_failed = true;
      stop();
    }
  }
  stop_aide();
  threads.join();
  const std::optional<Error> error = threads.first_error();
  return error ? Result<void>(*error) : Result<void>();
}

void Watch::wait(int ended) {
  std::vector<pollfd> waiting{{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
                              {.fd = ended, .events = POLLIN, .revents = 0}};
  if (options_.lifecycle != nullptr) {
    options_.lifecycle->add_to(waiting);
  }
  poll(waiting.data(), waiting.size(), time_to_wait());
  while (const int signal = signals_.next()) {
    take_signal(signal);
  }
  eventfd_t count = 0;
  if (eventfd_read(ended, &count) == 0) {
    running_ -= static_cast<std::size_t>(count);
  }
}

void Watch::take_signal(int signal) {
  if (signal == SIGUSR2) {
    if (options_.lifecycle != nullptr) {
      options_.lifecycle->start_upgrade(signals_.previous());
    }
  } else if (signal == SIGHUP) {
    options_.reload();
  } else if (signal == SIGUSR1) {
    for (const auto& server : servers_) {
      server->reopen_log();
    }
  } else {
    stop();
  }
}

void Watch::stop() {
  if (options_.lifecycle != nullptr) {
    options_.lifecycle->note_stopping();
  }
  stop_all(servers_);
}

void Watch::stop_aide() {
  if (options_.aide != nullptr && !std::exchange(is_aide_stopped_, true)) {
    options_.aide->stop();
  }
}

void Watch::look_at_heartbeats() {
  if (options_.board == nullptr) {
    return;
  }
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto slots = options_.board->slots();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& vitals = slots[i].vitals;
    const std::chrono::milliseconds heartbeat(vitals.heartbeat.load(std::memory_order_relaxed));
    const bool is_running = vitals.state.load(std::memory_order_relaxed) < LoopState::ended;
    const bool is_silent = is_running && heartbeat.count() != 0 && now - heartbeat >= kStallTime;
    if (is_silent && !is_silent_[i] && options_.report) {
      options_.report("thread " + std::to_string(i) + " has not answered for 2 s");
    }
    is_silent_[i] = is_silent;
  }
}

void Watch::look_at_lifecycle() {
  if (options_.lifecycle == nullptr) {
    return;
  }
  if (std::find(is_silent_.begin(), is_silent_.end(), true) == is_silent_.end()) {
    options_.lifecycle->beat();
  }
  if (options_.lifecycle->is_replaced()) {
    stop_all(servers_);
    stop_aide();  // the successor has one that knows more
  }
}

/// In milliseconds, for poll(2).
int Watch::time_to_wait() const {
  using std::chrono::milliseconds;
  constexpr milliseconds kLookEvery{500};
  constexpr milliseconds kForever{24 * 60 * 60 * 1000};
  milliseconds wait = options_.board != nullptr ? kLookEvery : kForever;
  if (options_.lifecycle != nullptr) {
    const auto left = options_.lifecycle->next_moment() - std::chrono::steady_clock::now();
    wait = std::clamp(std::chrono::ceil<milliseconds>(left), milliseconds(1), wait);
  }
  return static_cast<int>(wait.count());
}

}  // namespace

Result<void> run_threads(Servers servers, const ThreadsOptions& options) {
  return Watch(servers, options).run();
}

}  // namespace seabag::workers
