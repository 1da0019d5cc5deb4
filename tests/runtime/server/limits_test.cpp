#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::Served;
using Clock = std::chrono::steady_clock;

constexpr const char* kGet = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kGetBig = "GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr net::Milliseconds kNever = 3'600'000;

FixedAssets make_assets() {
  FixedAssets assets;
  assets.add("/a.txt", "alpha\n");
  assets.add("/big.bin", std::string(30'000'000, 'b'), "");
  return assets;
}

/// Every deadline so far away that only the one under test can be met.
ServerOptions patient() {
  ServerOptions options;
  options.limits.head_time = kNever;
  options.limits.body_time = kNever;
  options.limits.keep_alive_time = kNever;
  options.limits.crowded_keep_alive_time = kNever;
  options.limits.write_time = kNever;
  options.limits.linger_time = kNever;
  options.limits.drain_time = kNever;
  return options;
}

/// Handlers that read content.
Router make_router() {
  Router router;
  REQUIRE(router.add(http::Method::post, "/echo", [](const Request& request) {
    return Response::text(std::string(request.body()));
  }));
  return router;
}

TEST_CASE("a request that does not come in time gets 408", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.head_time = 60;
  Served served({.assets = &assets}, options);
  for (const std::string& first : {std::string("GET /a.t"), kGet + std::string("GET")}) {
    Loopback client(served.address());
    client.send(first);
    if (first.size() > 10) {
      CHECK(client.receive_reply().status == 200);
    }
    const Reply reply = client.receive_reply();
    CHECK(reply.status == 408);
    CHECK(reply.field("Connection") == "close");
    CHECK(client.receive_all().empty());
  }
}

TEST_CASE("more bytes do not extend the time for a head", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.head_time = 100;
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  client.send("GET /a.txt HTTP/1.1\r\nHost: x\r\nX: ");
  const auto start = Clock::now();
  pollfd answer{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
  while (poll(&answer, 1, 1) == 0 && Clock::now() - start < std::chrono::seconds(5)) {
    CHECK(client.send_some("y") == 1);
  }
  CHECK(client.receive_reply().status == 408);
}

TEST_CASE("a connection that says nothing is closed without a word", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.head_time = 40;
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  CHECK(client.receive_all().empty());
}

TEST_CASE("an idle connection is closed without a word", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.keep_alive_time = 40;
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  CHECK(client.ask(kGet).status == 200);
  CHECK(client.receive_all().empty());
}

TEST_CASE("content must come at a rate", "[server][limits]") {
  const FixedAssets assets = make_assets();
  const Router router = make_router();
  ServerOptions options = patient();
  options.limits.body_time = 50;
  options.limits.body_rate = 1'000'000;
  Served served({.assets = &assets, .router = &router}, options);
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
  Loopback client(served.address());
  CHECK(client.ask(head + "0123456789").body == "0123456789");
  client.send(head + "01234");
  CHECK(client.receive_reply().status == 408);
  CHECK(client.receive_all().empty());
}

TEST_CASE("a client that does not read is given up", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.write_time = 60;
  Served served({.assets = &assets}, options);
  Loopback client(served.address(), 4096);
  client.send(kGetBig);
  Loopback other(served.address());
  // Until the first one has been closed, which frees what it held.
  const auto start = Clock::now();
  while (client.send_some("x") == 1 && Clock::now() - start < std::chrono::seconds(5)) {
    CHECK(other.ask(kGet).status == 200);
  }
  CHECK(client.receive_all().size() < 30'000'000);
}

TEST_CASE("a client that reads slowly but steadily gets everything", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.write_time = 2'000;
  Served served({.assets = &assets}, options);
  Loopback client(served.address(), 4096);
  client.send(kGetBig);
  CHECK(client.receive_reply().body.size() == 30'000'000);
}

TEST_CASE("lingering after the last answer has an end", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.linger_time = 50;
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  client.send("bad\r\n\r\n");
  CHECK(client.receive_reply().status == 400);
  const auto start = Clock::now();
  while (client.send_some("x") == 1 && Clock::now() - start < std::chrono::seconds(5)) {
    std::this_thread::yield();
  }
  CHECK(Clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("connections beyond the limit wait for their turn", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.connections = 2;
  Served served({.assets = &assets}, options);
  auto first = std::make_unique<Loopback>(served.address());
  Loopback second(served.address());
  CHECK(first->ask(kGet).status == 200);
  CHECK(second.ask(kGet).status == 200);
  Loopback third(served.address());
  third.send(kGet);
  CHECK(second.ask(kGet).status == 200);
  first.reset();
  CHECK(third.receive_reply().status == 200);
}

TEST_CASE("a crowded server keeps idle connections for a shorter time", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.connections = 100;
  options.limits.crowded_keep_alive_time = 40;
  Served served({.assets = &assets}, options);
  std::vector<std::unique_ptr<Loopback>> clients;
  for (int i = 0; i < 86; ++i) {
    clients.push_back(std::make_unique<Loopback>(served.address()));
    CHECK(clients.back()->ask(kGet).status == 200);
  }
  CHECK(clients.back()->receive_all().empty());
  CHECK(clients.front()->ask(kGet).status == 200);
}

TEST_CASE("one address gets a share of the connections", "[server][limits]") {
  const FixedAssets assets = make_assets();
  ServerOptions options = patient();
  options.limits.connections_per_address = 2;
  Served served({.assets = &assets}, options);
  auto first = std::make_unique<Loopback>(served.address());
  Loopback second(served.address());
  CHECK(first->ask(kGet).status == 200);
  CHECK(second.ask(kGet).status == 200);
  Loopback third(served.address());
  CHECK(third.receive_all().empty());
  first->abort();
  // As soon as the server has noticed.
  bool is_served = false;
  for (int i = 0; i < 1000 && !is_served; ++i) {
    CHECK(second.ask(kGet).status == 200);
    Loopback next(served.address());
    next.send_some(kGet);
    is_served = !next.receive(1).empty();
  }
  CHECK(is_served);
}

TEST_CASE("without descriptors clients wait, and nothing spins", "[server][limits]") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets}, patient());
  Loopback first(served.address());
  CHECK(first.ask(kGet).status == 200);
  Loopback second(served.address());
  // Of what the process may open, nothing is left but what it has.
  const int lowest_free = dup(first.descriptor());
  close(lowest_free);
  CHECK(second.ask(kGet).status == 200);
  Loopback third(served.address());
  const rlimit tight{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  third.send(kGet);
  for (int i = 0; i < 20; ++i) {
    CHECK(first.ask(kGet).status == 200);
  }
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(third.receive_reply().status == 200);
}

TEST_CASE("oversized heads are refused", "[server][limits]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  struct Row {
    std::string request;
    int status;
  };
  std::string many;
  for (int i = 0; i < 101; ++i) {
    many += "A" + std::to_string(i) + ": b\r\n";
  }
  const std::string line = "GET /a.txt HTTP/1.1\r\nHost: x\r\n";
  const Row rows[] = {
      {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {line + "X: " + std::string(40'000, 'x') + "\r\n\r\n", 431},
      {line + many + "\r\n", 431},
      {line + "X: " + std::string(30'000, 'x') + "\r\n\r\n", 200},
      {"GET /" + std::string(8'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 404},
  };
  for (const Row& row : rows) {
    Loopback client(served.address());
    CHECK(client.ask(row.request).status == row.status);
    Loopback slow(served.address());
    for (std::size_t i = 0; i < row.request.size(); i += 1000) {
      slow.send_some(row.request.substr(i, 1000));
    }
    CHECK(slow.receive_reply().status == row.status);
  }
}

}  // namespace
}  // namespace seabag::server
