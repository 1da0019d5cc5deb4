#include "seabag/workers/threads.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "seabag/net/descriptor.h"

namespace seabag::workers {
namespace {

using Servers = std::span<const std::unique_ptr<server::Server>>;

/// Blocked here, and so in every thread that is made from here.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
      sigaddset(&set_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set_, &previous_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() {
    // Whatever came too late has been obeyed already; it must not end us when it is let in.
    const timespec at_once{};
    while (sigtimedwait(&set_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }

  [[nodiscard]] const sigset_t& set() const { return set_; }

 private:
  sigset_t set_{};
  sigset_t previous_{};
};

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
      try {
        threads_.emplace_back([this, &server] { run(*server); });
      } catch (const std::system_error&) {
        return errno_error(EAGAIN, "thread");
      }
    }
    return {};
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
  void run(server::Server& server) {
    const auto result = server.run();
    {
      const std::lock_guard lock(mutex_);
      if (!result && !error_) {
        error_ = result.error();
      }
    }
    eventfd_write(ended_.get(), 1);
  }

  Servers servers_;
  net::Descriptor ended_;
  std::mutex mutex_;
  std::optional<Error> error_;
  std::vector<std::thread> threads_;
};

void take_signal(int descriptor, Servers servers) {
  signalfd_siginfo info{};
  if (read(descriptor, &info, sizeof info) != sizeof info) {
    return;
  }
  if (info.ssi_signo != SIGUSR1) {
    stop_all(servers);
    return;
  }
  for (const auto& server : servers) {
    server->reopen_log();
  }
}

}  // namespace

Result<void> run_threads(Servers servers) {
  const BlockedSignals blocked;
  const net::Descriptor signals(signalfd(-1, &blocked.set(), SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.is_open()) {
    return errno_error(errno, "signalfd");
  }
  net::Descriptor ended(eventfd(0, EFD_CLOEXEC));
  if (!ended.is_open()) {
    return errno_error(errno, "eventfd");
  }
  Threads threads(servers, std::move(ended));
  if (auto started = threads.start(); !started) {
    stop_all(servers);
    return started.error();
  }
  for (std::size_t running = servers.size(); running > 0;) {
    pollfd waiting[] = {{.fd = signals.get(), .events = POLLIN, .revents = 0},
                        {.fd = threads.ended(), .events = POLLIN, .revents = 0}};
    poll(waiting, 2, -1);
    if (waiting[0].revents != 0) {
      take_signal(signals.get(), servers);
    }
    eventfd_t count = 0;
    if (waiting[1].revents != 0 && eventfd_read(threads.ended(), &count) == 0) {
      running -= static_cast<std::size_t>(count);
      if (threads.first_error()) {
        stop_all(servers);
      }
    }
  }
  threads.join();
  const std::optional<Error> error = threads.first_error();
  return error ? Result<void>(*error) : Result<void>();
}

}  // namespace seabag::workers
