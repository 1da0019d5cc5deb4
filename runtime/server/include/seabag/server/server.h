#pragma once

#include <memory>

#include "seabag/net/listener.h"
#include "seabag/server/limits.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// What a server answers with; all of it is borrowed and outlives the server.
struct Services {
  const vfs::AssetSource* assets = nullptr;
};

struct ServerOptions {
  Limits limits = {};
};

/// An HTTP/1.1 server: one event loop, run by one thread. A process may have any number of them;
/// they share nothing but what Services gives them.
///
/// `run` belongs to one thread; `stop` is safe from every thread and from signal handlers.
class Server {
 public:
  /// Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(const ServerOptions& options,
                                                              const Services& services);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Serves what `listener`, which must outlive this, accepts; before `run`. Errors: as
  /// net::EventLoop::add.
  [[nodiscard]] Result<void> listen(const net::Listener& listener);

  /// Serves until `stop`, then takes no more connections, finishes what is under way (at most
  /// `Limits::drain_time`) and returns. SIGPIPE is blocked in this thread meanwhile. Errors: as
  /// net::EventLoop::run_turn.
  [[nodiscard]] Result<void> run();

  /// Ends `run` gracefully; the second time at once.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::server
