#pragma once

#include <poll.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seabag/net/descriptor.h"
#include "seabag/workers/passed_sockets.h"

namespace seabag::workers {

/// A listening socket that a successor gets. The descriptor is its owner's.
struct SocketToPass {
  int descriptor = -1;
  std::string name = {};  ///< kOwnSocketName, or as systemd has called it
  /// Whoever connects is still answered while this process ends: for those who watch it.
  bool stays_open = false;
};

struct LifecycleOptions {
  /// How this process was started, its name first; empty: it can't be replaced. Borrowed.
  std::span<const char* const> command = {};
  std::vector<SocketToPass> sockets = {};
  Environment environment = {};
  /// PassedSockets::predecessor.
  net::Descriptor predecessor = {};
  /// Told in one line what happens; null: nobody is.
  std::function<void(const std::string& line)> report = {};
  /// Called once the successor serves, before this process drains; null: nobody is.
  std::function<void()> on_replaced = {};
  /// Connections are still welcome after a stop: balancers in front of us will hear of it later.
  bool is_open_while_stopping = false;
  /// For a successor to begin to serve.
  std::chrono::milliseconds start_time{60'000};
};

/// How a server's life goes on, as others see it: it tells systemd (sd_notify(3): READY, RELOADING,
/// MAINPID, STOPPING, WATCHDOG) and the process that it replaces, and starts the one that replaces
/// it: the executable that is at this one's path now, with the same arguments, environment and
/// listening sockets. Whoever runs workers calls it as things happen. One thread.
class Lifecycle {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  explicit Lifecycle(LifecycleOptions options);
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;
  ~Lifecycle();

  /// All workers take connections. Only the first call counts.
  void note_serving();
  /// This process ends, without a successor; one that is being started is ended too. Who tries to
  /// connect from now on is kept waiting until the sockets are closed, and then refused: everybody
  /// else is in the queue already, and will be served.
  void note_stopping();
  /// Starts the successor with this signal mask. When that fails, now or later, this process goes
  /// on, and one line says why.
  void start_upgrade(const sigset_t& mask);
  /// Looks at what the successor does. True, once: it serves, and this process has to drain.
  [[nodiscard]] bool is_replaced();
  /// Tells systemd's watchdog that all is well, when it is time for that.
  void beat();

  /// What has something to tell `is_replaced` when it is readable.
  void add_to(std::vector<pollfd>& waiting) const;
  /// When `is_replaced` or `beat` have something to do at the latest.
  [[nodiscard]] Moment next_moment() const;

 private:
  class Notifier;
  class Successor;

  void close_doors() const;
  void give_up(const std::string& why);
  void report(const std::string& line) const;

  LifecycleOptions options_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Successor> successor_;  ///< while it is being started
  Moment give_up_at_;
  Moment next_beat_;
  bool is_serving_ = false;
  bool has_successor_ = false;  ///< it serves
};

}  // namespace seabag::workers
