#include "seabag/workers/threads.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "seabag/net/descriptor.h"
#include "taken_signals.h"

namespace seabag::workers {
namespace {

using Servers = std::span<const std::unique_ptr<server::Server>>;

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

void take_signal(int signal, Servers servers, const std::function<void()>& reload) {
  if (signal == SIGHUP) {
    reload();
    return;
  }
  if (signal != SIGUSR1) {
    stop_all(servers);
    return;
  }
  for (const auto& server : servers) {
    server->reopen_log();
  }
}

}  // namespace

Result<void> run_threads(Servers servers, const std::function<void()>& reload) {
  // Without a use for it, SIGHUP ends the process as it always does.
  TakenSignals signals{SIGTERM, SIGINT, SIGUSR1, reload ? SIGHUP : SIGTERM};
  SEABAG_TRY(signals.open());
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
    pollfd waiting[] = {{.fd = signals.descriptor(), .events = POLLIN, .revents = 0},
                        {.fd = threads.ended(), .events = POLLIN, .revents = 0}};
    poll(waiting, 2, -1);
    while (const int signal = signals.next()) {
      take_signal(signal, servers, reload);
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
