#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "seabag/net/descriptor.h"
#include "seabag/net/listener.h"
#include "support/catch.h"

namespace seabag::test {

/// A server that does what a test writes down, one connection after the other, in a thread.
class ScriptedServer {
 public:
  /// Called with each connection, which ends when it returns.
  using Script = std::function<void(int socket)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    auto group = net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), 1);
    REQUIRE(group);
    listeners_ = std::make_unique<net::ListenerGroup>(std::move(*group));
    thread_ = std::thread([this] { serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    is_over_ = true;
    shutdown(listeners_->listener(0).descriptor(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::string url() const { return "http://" + listeners_->address().text() + "/"; }

  /// Reads one request without content; false when the client has ended the connection.
  static bool read_request(int socket) {
    std::string request;
    while (!request.ends_with("\r\n\r\n")) {
      char byte = 0;
      if (recv(socket, &byte, 1, 0) != 1) {
        return false;
      }
      request += byte;
    }
    return true;
  }
  static void write(int socket, std::string_view bytes) {
    send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

 private:
  void serve() {
    const int listener = listeners_->listener(0).descriptor();
    while (!is_over_) {
      pollfd waiting{.fd = listener, .events = POLLIN, .revents = 0};
      poll(&waiting, 1, -1);
      const net::Descriptor socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
      if (socket.is_open()) {
        script_(socket.get());
      }
    }
  }

  Script script_;
  std::unique_ptr<net::ListenerGroup> listeners_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace seabag::test
