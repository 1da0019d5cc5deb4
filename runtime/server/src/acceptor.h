#pragma once

#include "connections.h"
#include "seabag/net/event_loop.h"
#include "seabag/net/listener.h"
#include "seabag/net/timer_wheel.h"
#include "seabag/server/server.h"

namespace seabag::server {

/// Takes connections from one listener while there is room for them. One thread.
class Acceptor final : public net::Watcher, public net::TimerHandler {
 public:
  /// All must outlive this, and `entrance` the connections.
  Acceptor(net::EventLoop& loop, const net::Listener& listener, const Entrance& entrance,
           Connections& connections);
  ~Acceptor() override;

  /// Begins, or goes on after there was no room. Errors: as EventLoop::add.
  [[nodiscard]] Result<void> start();
  /// Takes what waits already, and then no more.
  void stop();

  void on_ready(net::Readiness readiness) override;
  void on_timer(net::Timer& timer) override;

 private:
  enum class Phase : std::uint8_t { idle, accepting, stopped };

  void pause();
  bool accept_one();

  net::EventLoop* loop_;
  const net::Listener* listener_;
  const Entrance* entrance_;
  Connections* connections_;
  net::Timer timer_;
  Phase phase_ = Phase::idle;
};

}  // namespace seabag::server
