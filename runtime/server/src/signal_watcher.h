#pragma once

#include <functional>

#include "seabag/net/descriptor.h"
#include "seabag/net/event_loop.h"

namespace seabag::server {

/// Takes SIGTERM, SIGUSR1 and SIGHUP of this process on a loop. One thread.
class SignalWatcher final : public net::Watcher {
 public:
  /// `loop` must outlive this. `on_signal` gets the number.
  SignalWatcher(net::EventLoop& loop, std::function<void(int)> on_signal)
      : loop_(&loop), on_signal_(std::move(on_signal)) {}
  ~SignalWatcher() override;

  /// Blocks the signals in this thread and begins. Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] Result<void> start();
  void on_ready(net::Readiness readiness) override;

 private:
  net::EventLoop* loop_;
  std::function<void(int)> on_signal_;
  net::Descriptor signals_;
};

}  // namespace seabag::server
