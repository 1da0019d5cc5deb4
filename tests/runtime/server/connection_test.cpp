#include <string>
#include <vector>

#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;

FixedAssets make_assets() {
  FixedAssets assets;
  assets.add("/a.txt", "alpha\n");
  assets.add("/empty.txt", "");
  assets.add("/big.bin", std::string(3'000'000, 'b'), "");
  return assets;
}

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

TEST_CASE("a connection answers one request after the other", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.ask(get("/a.txt"));
    CHECK(reply.status == 200);
    CHECK(reply.reason == "OK");
    CHECK(reply.body == "alpha\n");
    CHECK(reply.field("Content-Length") == "6");
    CHECK(reply.field("Content-Type") == "text/plain; charset=utf-8");
    CHECK(reply.field("Date").value_or("").size() == 29);
    CHECK(reply.field("Last-Modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK_FALSE(reply.field("Connection"));
  }
  CHECK(client.ask(get("/none")).status == 404);
  CHECK(client.ask(get("/a.txt")).status == 200);
}

TEST_CASE("requests that arrive together are answered together and in order",
          "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  std::string batch;
  for (int i = 0; i < 200; ++i) {
    batch += get(i % 3 == 0 ? "/a.txt" : i % 3 == 1 ? "/none" : "/empty.txt");
  }
  client.send(batch);
  for (int i = 0; i < 200; ++i) {
    const Reply reply = client.receive_reply();
    REQUIRE(reply.status == (i % 3 == 1 ? 404 : 200));
    REQUIRE((i % 3 != 0 || reply.body == "alpha\n"));
  }
}

TEST_CASE("a request may arrive byte by byte", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const std::string request = get("/a.txt", "X-Some: thing\r\n");
  for (int i = 0; i < 2; ++i) {
    for (const char byte : request) {
      client.send({&byte, 1});
    }
    CHECK(client.receive_reply().body == "alpha\n");
  }
}

TEST_CASE("a request may arrive in two parts, whatever the parts", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const std::string requests = get("/a.txt") + get("/none") + get("/a.txt");
  for (std::size_t cut = 1; cut < requests.size(); ++cut) {
    client.send(requests.substr(0, cut));
    client.send(requests.substr(cut));
    REQUIRE(client.receive_reply().status == 200);
    REQUIRE(client.receive_reply().status == 404);
    REQUIRE(client.receive_reply().status == 200);
  }
}

TEST_CASE("large content arrives whole", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  CHECK(client.ask(get("/big.bin")).body == std::string(3'000'000, 'b'));
  client.send(get("/big.bin") + get("/a.txt") + get("/big.bin"));
  CHECK(client.receive_reply().body.size() == 3'000'000);
  CHECK(client.receive_reply().body == "alpha\n");
  CHECK(client.receive_reply().body == std::string(3'000'000, 'b'));
}

TEST_CASE("a slow reader gets everything, and requests behind it wait", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address(), 4096);
  std::string batch;
  for (int i = 0; i < 20; ++i) {
    batch += get("/big.bin") + get("/a.txt");
  }
  client.send(batch);
  Loopback other(served.address());
  CHECK(other.ask(get("/a.txt")).body == "alpha\n");
  for (int i = 0; i < 20; ++i) {
    REQUIRE(client.receive_reply().body.size() == 3'000'000);
    REQUIRE(client.receive_reply().body == "alpha\n");
  }
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  struct Row {
    const char* request;
    const char* connection;  ///< of the answer
    bool ends;
  };
  const Row rows[] = {
      {"GET /a.txt HTTP/1.0\r\n\r\n", "close", true},
      {"GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false},
      {"GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close", true},
      {"GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.request);
    Loopback client(served.address());
    const Reply reply = client.ask(row.request);
    CHECK(reply.body == "alpha\n");
    CHECK(reply.field("Connection").value_or("") == row.connection);
    if (row.ends) {
      CHECK(client.receive_all().empty());
    } else {
      CHECK(client.ask(row.request).status == 200);
    }
  }
}

TEST_CASE("what follows the last request of a connection is not answered", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  client.send(get("/a.txt", "Connection: close\r\n") + get("/a.txt") + std::string(100'000, 'x'));
  CHECK(client.receive_reply().body == "alpha\n");
  CHECK(client.receive_all().empty());
}

TEST_CASE("a valid request before an invalid one is answered, then 400", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  client.send(get("/a.txt") + "GET / HTTP/1.1\r\nbad header\r\n\r\n" + get("/a.txt"));
  CHECK(client.receive_reply().body == "alpha\n");
  const Reply bad = client.receive_reply();
  CHECK(bad.status == 400);
  CHECK(bad.field("Connection") == "close");
  CHECK(client.receive_all().empty());
}

TEST_CASE("a client that sends on after an error still reads the answer", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  client.send("GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n");
  std::size_t sent = 0;
  while (sent < 300'000) {
    const std::size_t some = client.send_some(std::string(10'000, 'y'));
    if (some == 0) {
      break;
    }
    sent += some;
  }
  CHECK(client.receive_reply().status == 414);
  CHECK(client.receive_all().empty());
}

TEST_CASE("a client that has finished sending gets its answers", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address(), 4096);
  client.send(get("/big.bin") + get("/a.txt") + "GET /a.t");
  client.finish_sending();
  CHECK(client.receive_reply().body.size() == 3'000'000);
  CHECK(client.receive_reply().body == "alpha\n");
  CHECK(client.receive_all() == "");
}

TEST_CASE("clients that go away do not disturb others", "[server][connection]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  for (int i = 0; i < 20; ++i) {
    Loopback rude(served.address(), 4096);
    rude.send(get("/big.bin") + get("/big.bin"));
    CHECK(rude.receive(10).size() == 10);
    rude.abort();
    Loopback silent(served.address());
  }
  Loopback client(served.address());
  CHECK(client.ask(get("/a.txt")).status == 200);
}

}  // namespace
}  // namespace seabag::server
