#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "asker.h"
#include "descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::intercept {

class Host;

/// Takes the requests of other processes: one thread for each connection, of which a program has
/// one for each of its threads that ask at the same time.
class Server {
 public:
  /// `host` outlives the server.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(Host& host);
  /// Ends every connection and waits for what is being answered.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The abstract socket name, without its leading NUL.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Connection {
    std::thread thread;
    Descriptor socket;
    Asker asker = Asker::this_user;
    std::atomic<bool> is_over = false;
  };

  explicit Server(Host& host) : host_(host) {}
  Result<void> listen();
  void accept_all();
  void serve(Connection& connection);
  void reap();

  Host& host_;
  std::string name_;
  Descriptor listener_;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace seabag::intercept
