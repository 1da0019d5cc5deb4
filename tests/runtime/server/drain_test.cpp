#include <string>
#include <vector>

#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::Served;
using test::SocketDirectory;

constexpr const char* kGet = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";

FixedAssets make_assets() {
  FixedAssets assets;
  assets.add("/a.txt", "alpha\n");
  assets.add("/big.bin", std::string(20'000'000, 'b'), "");
  return assets;
}

TEST_CASE("a server without clients stops at once", "[server][drain]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  served.server().stop();
  CHECK(served.wait());
}

TEST_CASE("a stop ends idle connections and finishes what is under way", "[server][drain]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback idle(served.address());
  CHECK(idle.ask(kGet).status == 200);
  Loopback reading(served.address(), 4096);
  reading.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(reading.receive(1) == "H");
  Loopback sending(served.address());
  CHECK(sending.ask(kGet).status == 200);
  sending.send("GET /a.txt HTTP/1.1\r\nHo");
  // One more round on another connection: the server has seen the half request by then.
  CHECK(idle.ask(kGet).status == 200);

  served.server().stop();
  CHECK(idle.receive_all().empty());
  sending.send("st: x\r\n\r\n");
  const Reply last = sending.receive_reply();
  CHECK(last.body == "alpha\n");
  CHECK(last.field("Connection") == "close");
  CHECK(sending.receive_all().empty());
  CHECK(reading.receive_all().size() > 20'000'000);
  CHECK(served.wait());
}

TEST_CASE("a client that connected before the stop is still served", "[server][drain]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback waiting(served.address());
  served.server().stop();
  waiting.send(kGet);
  CHECK(waiting.receive_reply().body == "alpha\n");
  CHECK(served.wait());
}

TEST_CASE("a drain has an end", "[server][drain]") {
  const FixedAssets assets = make_assets();
  ServerOptions options;
  options.limits.drain_time = 60;
  Served served({.assets = &assets}, options);
  Loopback stuck(served.address(), 4096);
  stuck.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(stuck.receive(1) == "H");
  served.server().stop();
  CHECK(served.wait());
  CHECK(stuck.receive_all().size() < 20'000'000);
}

TEST_CASE("a second stop does not wait", "[server][drain]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback stuck(served.address(), 4096);
  stuck.send("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(stuck.receive(1) == "H");
  served.server().stop();
  served.server().stop();
  CHECK(served.wait());
}

TEST_CASE("a server answers on unix sockets and IPv6", "[server][listen]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  std::vector<std::string> addresses{"unix:" + directory.path() + "/s", ":0"};
  if (net::ListenerGroup::open(*net::Address::parse("[::1]:0"), 1)) {
    addresses.emplace_back("[::1]:0");
  }
  for (const std::string& address : addresses) {
    CAPTURE(address);
    Served served({.assets = &assets}, {}, address);
    Loopback client(served.address());
    CHECK(client.ask(kGet).body == "alpha\n");
    CHECK(client.ask("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n").body.size() == 20'000'000);
  }
}

TEST_CASE("servers in several threads share assets and one port", "[server][threads]") {
  const FixedAssets assets = make_assets();
  auto listeners = net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), 3);
  REQUIRE(listeners);
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < listeners->size(); ++i) {
    auto server = Server::create({}, {.assets = &assets});
    REQUIRE(server);
    REQUIRE((*server)->listen(listeners->listener(i)));
    servers.push_back(std::move(*server));
    threads.emplace_back([&server = *servers.back()] { static_cast<void>(server.run()); });
  }
  for (int i = 0; i < 60; ++i) {
    Loopback client(listeners->address());
    CHECK(client.ask(kGet).body == "alpha\n");
  }
  for (const auto& server : servers) {
    server->stop();
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace seabag::server
