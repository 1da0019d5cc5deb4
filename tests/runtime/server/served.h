#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "seabag/net/listener.h"
#include "seabag/server/server.h"
#include "support/catch.h"
#include "support/fixed_assets.h"
#include "support/loopback.h"

namespace seabag::test {

/// A server on a port of its own, run by a thread of its own until the end of this object.
class Served {
 public:
  explicit Served(const server::Services& services, const server::ServerOptions& options = {},
                  const std::string& address = "127.0.0.1:0", server::Entrance entrance = {}) {
    auto listeners = net::ListenerGroup::open(*net::Address::parse(address), 1);
    REQUIRE(listeners);
    listeners_ = std::make_unique<net::ListenerGroup>(std::move(*listeners));
    auto made = server::Server::create(options, services);
    REQUIRE(made);
    server_ = std::move(*made);
    REQUIRE(server_->listen(listeners_->listener(0), std::move(entrance)));
    thread_ = std::thread([this] { is_fine_ = server_->run().has_value(); });
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() {
    server_->stop();
    server_->stop();
    wait();
  }

  [[nodiscard]] const net::Address& address() const { return listeners_->address(); }
  [[nodiscard]] server::Server& server() { return *server_; }
  /// Waits until `run` has returned; whether without error.
  bool wait() {
    if (thread_.joinable()) {
      thread_.join();
    }
    return is_fine_;
  }

 private:
  std::unique_ptr<net::ListenerGroup> listeners_;
  std::unique_ptr<server::Server> server_;
  std::thread thread_;
  bool is_fine_ = false;
};

}  // namespace seabag::test
