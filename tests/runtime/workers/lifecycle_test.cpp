#include "seabag/workers/lifecycle.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "seabag/net/listener.h"
#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::workers {
namespace {

TEST_CASE("after a stop nobody connects, but who waits already is served", "[workers][lifecycle]") {
  const auto group = net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), 1);
  REQUIRE(group);
  const net::Listener& listener = group->listener(0);
  Lifecycle lifecycle({.sockets = {{listener.descriptor(), kOwnSocketName}}});
  test::Loopback early(group->address());
  lifecycle.note_stopping();

  const net::Descriptor late(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage address{};
  const socklen_t length = group->address().to_socket(address);
  CHECK(connect(late.get(), reinterpret_cast<const sockaddr*>(&address), length) == -1);
  CHECK(errno == EINPROGRESS);
  pollfd waiting{.fd = late.get(), .events = POLLOUT, .revents = 0};
  CHECK(poll(&waiting, 1, 50) == 0);

  const auto accepted = listener.accept();
  REQUIRE(accepted.socket.is_open());
  early.send("hello");
  waiting = {.fd = accepted.socket.get(), .events = POLLIN, .revents = 0};
  CHECK(poll(&waiting, 1, 10'000) == 1);
  CHECK(listener.accept().error_number == EAGAIN);
}

TEST_CASE("a process that cannot be started again says so", "[workers][lifecycle]") {
  std::string told;
  Lifecycle lifecycle({.report = [&](const std::string& line) { told = line; }});
  lifecycle.start_upgrade({});
  CHECK(told == "SIGUSR2: this process can't be replaced");
  CHECK_FALSE(lifecycle.is_replaced());
}

}  // namespace
}  // namespace seabag::workers
