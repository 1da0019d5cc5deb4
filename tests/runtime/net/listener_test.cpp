#include "seabag/net/listener.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string>

#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::net {
namespace {

using test::Loopback;
using test::SocketDirectory;

Result<ListenerGroup> open_group(const std::string& text, std::size_t workers = 1) {
  return ListenerGroup::open(*Address::parse(text), workers);
}

Listener::Accepted accept_soon(const Listener& listener) {
  pollfd waiting{.fd = listener.descriptor(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&waiting, 1, 10'000) == 1);
  return listener.accept();
}

TEST_CASE("port 0 gets a free port that can be connected to", "[net][listener]") {
  const auto group = open_group("127.0.0.1:0");
  REQUIRE(group);
  CHECK(group->address().port() != 0);
  CHECK(group->listener(0).accept().error_number == EAGAIN);
  Loopback client(group->address());
  const auto accepted = accept_soon(group->listener(0));
  REQUIRE(accepted.socket.is_open());
  std::array<char, Peer::kMaxTextLength> buffer{};
  CHECK(accepted.peer.text(buffer) == "127.0.0.1");
  CHECK(accepted.peer.port() != 0);
  CHECK((fcntl(accepted.socket.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(accepted.socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("IPv6 and every-interface listeners take connections", "[net][listener]") {
  const auto v6 = open_group("[::1]:0");
  if (v6) {
    Loopback client(v6->address());
    CHECK(accept_soon(v6->listener(0)).socket.is_open());
    // The same port is still free for IPv4.
    CHECK(open_group("127.0.0.1:" + std::to_string(v6->address().port())));
  } else {
    WARN("no IPv6 here: " << v6.error().message());
  }
  const auto any = open_group(":0");
  REQUIRE(any);
  Loopback client(*Address::parse("127.0.0.1:" + std::to_string(any->address().port())));
  const auto accepted = accept_soon(any->listener(0));
  std::array<char, Peer::kMaxTextLength> buffer{};
  CHECK(accepted.peer.text(buffer) == "127.0.0.1");
}

TEST_CASE("a port in use is told, whoever uses it", "[net][listener]") {
  const auto first = open_group("127.0.0.1:0", 2);
  REQUIRE(first);
  for (const std::size_t workers : {1U, 2U}) {
    const auto second = open_group(first->address().text(), workers);
    REQUIRE_FALSE(second);
    CHECK(second.error().is(std::errc::address_in_use));
    CHECK(second.error().path == first->address().text());
  }
}

TEST_CASE("several workers share one port and all get connections", "[net][listener]") {
  const auto group = open_group("127.0.0.1:0", 3);
  REQUIRE(group);
  REQUIRE(group->size() == 3);
  std::set<std::size_t> busy;
  for (int i = 0; i < 400 && busy.size() < 3; ++i) {
    Loopback client(group->address());
    pollfd waiting[3];
    for (std::size_t worker = 0; worker < 3; ++worker) {
      waiting[worker] = {group->listener(worker).descriptor(), POLLIN, 0};
    }
    REQUIRE(poll(waiting, 3, 10'000) > 0);
    for (std::size_t worker = 0; worker < 3; ++worker) {
      if (group->listener(worker).accept().socket.is_open()) {
        busy.insert(worker);
      }
    }
  }
  CHECK(busy.size() == 3);
}

TEST_CASE("a unix socket is made, shared by workers and removed", "[net][listener]") {
  const SocketDirectory directory;
  const std::string path = directory.path() + "/s";
  {
    const auto group = open_group("unix:" + path, 2);
    REQUIRE(group);
    CHECK(group->size() == 2);
    Loopback client(group->address());
    const auto accepted = accept_soon(group->listener(1));
    std::array<char, Peer::kMaxTextLength> buffer{};
    CHECK(accepted.peer.text(buffer) == "unix");
    const auto second = open_group("unix:" + path);
    REQUIRE_FALSE(second);
    CHECK(second.error().is(std::errc::address_in_use));
  }
  CHECK(access(path.c_str(), F_OK) != 0);
}

TEST_CASE("a stale unix socket is replaced, anything else is not", "[net][listener]") {
  const SocketDirectory directory;
  const std::string path = directory.path() + "/s";
  {
    auto dead = open_group("unix:" + path);
    REQUIRE(dead);
    REQUIRE(rename(path.c_str(), (path + ".kept").c_str()) == 0);
  }
  REQUIRE(rename((path + ".kept").c_str(), path.c_str()) == 0);
  CHECK(open_group("unix:" + path));

  const Descriptor file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  const auto blocked = open_group("unix:" + path);
  REQUIRE_FALSE(blocked);
  CHECK(blocked.error().is(std::errc::file_exists));
  CHECK(access(path.c_str(), F_OK) == 0);

  const auto missing = open_group("unix:" + directory.path() + "/none/s");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().is(std::errc::no_such_file_or_directory));
}

TEST_CASE("a socket that took the place of ours is left alone", "[net][listener]") {
  const SocketDirectory directory;
  const std::string path = directory.path() + "/s";
  {
    const auto first = open_group("unix:" + path);
    REQUIRE(first);
    REQUIRE(rename(path.c_str(), (path + ".old").c_str()) == 0);
    const Descriptor file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    REQUIRE(file.is_open());
  }
  CHECK(access(path.c_str(), F_OK) == 0);
}

TEST_CASE("an address that is not ours is told", "[net][listener]") {
  const auto foreign = open_group("192.0.2.1:0");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().is(std::errc::address_not_available));
}

}  // namespace
}  // namespace seabag::net
