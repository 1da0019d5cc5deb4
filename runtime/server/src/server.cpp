#include "seabag/server/server.h"

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <utility>
#include <vector>

#include "acceptor.h"
#include "access_log.h"
#include "conduit.h"
#include "connections.h"
#include "engine.h"
#include "responder.h"
#include "seabag/net/event_loop.h"
#include "seabag/server/lanes.h"
#include "seabag/server/router.h"
#include "seabag/server/spare_memory.h"
#include "seabag/server/vitals.h"
#include "signal_watcher.h"

namespace seabag::server {
namespace {

/// Between two looks at memory that could be given back.
constexpr net::Milliseconds kMemoryTime = 10'000;

/// sendfile(2) has no MSG_NOSIGNAL.
class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &previous_);
  }
  BlockedSigpipe(const BlockedSigpipe&) = delete;
  BlockedSigpipe& operator=(const BlockedSigpipe&) = delete;
  ~BlockedSigpipe() {
    if (sigismember(&previous_, SIGPIPE) == 0) {
      // What is pending would be delivered now.
      const timespec at_once{};
      while (sigtimedwait(&set_, nullptr, &at_once) == SIGPIPE) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t previous_{};
};

}  // namespace

struct Server::State final : net::Watcher, net::TimerHandler, RoomObserver {
  State(std::unique_ptr<net::EventLoop> the_loop, const ServerOptions& the_options,
        const Services& services)
      : loop(std::move(the_loop)),
        options(the_options),
        responder(services, options.site, options.limits.head.request_line),
        engine(*loop, options.limits, responder),
        connections(engine, *this),
        drain_timer(*this),
        beat_timer(*this),
        memory_timer(*this) {
    loop->set_notified(this);
    loop->timers().set(memory_timer, loop->now() + kMemoryTime);
    lanes = services.lanes;
    if (lanes == nullptr && services.router != nullptr && !services.router->lanes().empty()) {
      own_lanes = std::make_unique<Lanes>(*services.router);
      lanes = own_lanes.get();
    }
    responder.set_fabric(engine.mailbox, lanes);
    engine.report = options.report;
    if (options.vitals != nullptr) {
      engine.vitals = options.vitals;
      on_timer(beat_timer);
    }
    if (services.log != nullptr) {
      log_file = services.log;
      log = std::make_unique<AccessLog>(*loop, *log_file);
      engine.log = log.get();
    }
  }

  void on_ready(net::Readiness readiness) override;
  void on_timer(net::Timer& timer) override;
  void on_room() override;
  void drain();
  void reopen_log();
  void beat() const;
  void enter(LoopState state) const;

  std::unique_ptr<Lanes> own_lanes;  ///< ends last, when nobody waits for it any more
  Lanes* lanes = nullptr;            ///< borrowed, or those; null: no handler blocks
  std::unique_ptr<net::EventLoop> loop;
  const ServerOptions options;
  LogFile* log_file = nullptr;
  std::unique_ptr<AccessLog> log;
  Responder responder;
  Engine engine;
  std::vector<std::unique_ptr<const Entrance>> entrances;
  Connections connections;
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  std::unique_ptr<SignalWatcher> signals;
  net::Timer drain_timer;
  net::Timer beat_timer;  ///< ends the wait of a loop that has nothing to do
  net::Timer memory_timer;
  std::atomic<int> stops = 0;
  std::atomic<bool> reopens = false;
  bool is_stopping = false;  ///< there has been a `stop`
  bool is_over = false;      ///< the drain's time is up
};

void Server::State::on_ready(net::Readiness) {
  engine.mailbox->deliver();
  if (reopens.exchange(false, std::memory_order_acq_rel)) {
    reopen_log();
  }
  const int asked = stops.load(std::memory_order_acquire);
  is_over = is_over || asked > 1;
  if (asked > 0 && !is_stopping) {
    is_stopping = true;
    enter(LoopState::draining);
    if (options.limits.drain_delay == 0) {
      drain();
    } else {
      loop->timers().set(drain_timer, loop->now() + options.limits.drain_delay);
    }
  }
}

void Server::State::on_timer(net::Timer& timer) {
  if (&timer == &beat_timer) {
    loop->timers().set(beat_timer, loop->now() + Vitals::kBeat);
    if (lanes != nullptr && !options.lane_vitals.empty()) {
      lanes->publish(options.lane_vitals);
    }
  } else if (&timer == &memory_timer) {
    loop->timers().set(memory_timer, loop->now() + kMemoryTime);
    give_back_spare_memory();
  } else if (!engine.is_draining) {
    drain();
  } else {
    is_over = true;
  }
}

/// The time at which the loop begins to wait, or to work.
void Server::State::beat() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  engine.vitals->heartbeat.store(static_cast<std::uint64_t>(now.tv_sec) * 1000 +
                                     static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000,
                                 std::memory_order_relaxed);
}

void Server::State::enter(LoopState state) const {
  engine.vitals->state.store(state, std::memory_order_relaxed);
}

void Server::State::on_room() {
  for (const auto& acceptor : acceptors) {
    // What fails here is tried again when the next connection ends, or by the acceptor's timer.
    static_cast<void>(acceptor->start());
  }
}

void Server::State::reopen_log() {
  if (log == nullptr) {
    return;
  }
  log->flush();
  if (auto reopened = log_file->reopen(); !reopened && options.report) {
    options.report(reopened.error().message());
  }
}

void Server::State::drain() {
  for (const auto& acceptor : acceptors) {
    acceptor->stop();
  }
  engine.is_draining = true;
  connections.drain();
  loop->timers().set(drain_timer, loop->now() + options.limits.drain_time);
}

Result<std::unique_ptr<Server>> Server::create(const ServerOptions& options,
                                               const Services& services) {
  auto loop = SEABAG_TRY(net::EventLoop::open());
  auto state = std::make_unique<State>(std::move(loop), options, services);
  SEABAG_TRY(state->responder.load_rules());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() = default;

Result<void> Server::listen(const net::Listener& listener, Entrance entrance) {
  state_->entrances.push_back(std::make_unique<const Entrance>(std::move(entrance)));
  auto acceptor = std::make_unique<Acceptor>(*state_->loop, listener, *state_->entrances.back(),
                                             state_->connections);
  SEABAG_TRY(acceptor->start());
  state_->acceptors.push_back(std::move(acceptor));
  return {};
}

Result<void> Server::take_signals() {
  auto signals = std::make_unique<SignalWatcher>(*state_->loop, [this](int signal) {
    if (signal == SIGUSR1) {
      reopen_log();
    } else if (signal == SIGHUP) {
      if (state_->options.reload) {
        state_->options.reload();
      }
    } else {
      stop();
    }
  });
  SEABAG_TRY(signals->start());
  state_->signals = std::move(signals);
  return {};
}

Result<void> Server::run() {
  const BlockedSigpipe blocked;
  state_->enter(LoopState::serving);
  while (!state_->is_over && !(state_->engine.is_draining && state_->connections.size() == 0)) {
    state_->beat();
    SEABAG_TRY(state_->loop->run_turn());
  }
  state_->connections.close();
  state_->enter(LoopState::ended);
  return {};
}

Result<void> Server::replace_users(const std::vector<AuthRule>& rules) {
  return state_->responder.replace_users(rules);
}

void Server::reopen_log() {
  state_->reopens.store(true, std::memory_order_release);
  state_->loop->notify();
}

void Server::stop() {
  state_->stops.fetch_add(1, std::memory_order_acq_rel);
  state_->loop->notify();
}

}  // namespace seabag::server
