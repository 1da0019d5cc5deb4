#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "seabag/net/descriptor.h"
#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::testing {

/// What systemd is for a service: a socket that is told how the service is.
class NotifySocket {
 public:
  NotifySocket() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), std::begin(address.sun_path));
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }

  /// Puts it into the environment, in a child.
  [[nodiscard]] bool enter() const { return setenv("NOTIFY_SOCKET", path_.c_str(), 1) == 0; }

  /// The next message; fails the test when none comes.
  [[nodiscard]] std::string next() const {
    pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&waiting, 1, 20'000) == 1);
    std::array<char, 512> text{};
    const ssize_t count = recv(socket_.get(), text.data(), text.size(), 0);
    REQUIRE(count > 0);
    return {text.data(), static_cast<std::size_t>(count)};
  }
  /// Skips messages until one that begins like this, and gives the rest of it.
  [[nodiscard]] std::string wait_for(const std::string& start) const {
    while (true) {
      const std::string message = next();
      if (message.starts_with(start)) {
        return message.substr(start.size());
      }
    }
  }

 private:
  test::SocketDirectory directory_;
  std::string path_ = directory_.path() + "/notify";
  net::Descriptor socket_;
};

}  // namespace seabag::testing
