#include "seabag/net/address.h"

#include <string>

#include "support/catch.h"

namespace seabag::net {
namespace {

TEST_CASE("an address reads what a person writes and shows it again", "[net][address]") {
  struct Row {
    const char* text;
    Address::Family family;
    int port;
    const char* shown;
  };
  const Row rows[] = {
      {"127.0.0.1:8080", Address::Family::ipv4, 8080, "127.0.0.1:8080"},
      {"0.0.0.0:0", Address::Family::ipv4, 0, "0.0.0.0:0"},
      {"localhost:80", Address::Family::ipv4, 80, "127.0.0.1:80"},
      {"[::1]:65535", Address::Family::ipv6, 65535, "[::1]:65535"},
      {"[0:0:0::1]:1", Address::Family::ipv6, 1, "[::1]:1"},
      {":8080", Address::Family::any, 8080, "*:8080"},
      {"*:8080", Address::Family::any, 8080, "*:8080"},
      {"unix:/run/app.sock", Address::Family::local, 0, "unix:/run/app.sock"},
      {"unix:relative", Address::Family::local, 0, "unix:relative"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto address = Address::parse(row.text);
    REQUIRE(address);
    CHECK(address->family() == row.family);
    CHECK(address->port() == row.port);
    CHECK(address->text() == row.shown);
    CHECK(Address::parse(address->text())->text() == row.shown);
  }
}

TEST_CASE("an address knows whether others reach it", "[net][address]") {
  for (const char* local : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:a"}) {
    CHECK(Address::parse(local)->is_local());
  }
  for (const char* open : {":1", "*:1", "0.0.0.0:1", "192.0.2.1:1", "[::]:1", "[::2]:1"}) {
    CHECK_FALSE(Address::parse(open)->is_local());
  }
}

TEST_CASE("an address says what is wrong with a bad one", "[net][address]") {
  const char* const rows[] = {
      "",         "8080",          "127.0.0.1",      "127.0.0.1:",      "127.0.0.1:65536",
      "1.2.3:80", "example.org:1", "127.0.0.1:-1",   "127.0.0.1:+1",    "127.0.0.1: 80",
      "::1:80",   "[::1]",         "[127.0.0.1]:80", "[::g]:80",        "[]:80",
      "unix:",    "1.2.3.4.5:80",  "127.0.0.1:0x50", "127.0.0.1:80abc", "[::1:80",
  };
  for (const char* text : rows) {
    CAPTURE(text);
    const auto address = Address::parse(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().is(std::errc::invalid_argument));
    CHECK_FALSE(address.error().detail.empty());
    CHECK(address.error().path == text);
  }
  const auto too_long = Address::parse("unix:/" + std::string(107, 'x'));
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().is(std::errc::filename_too_long));
  CHECK(Address::parse("unix:/" + std::string(106, 'x')));
  CHECK_FALSE(Address::parse(std::string("unix:/a\0b", 9)));
}

TEST_CASE("an address survives the kernel's form", "[net][address]") {
  for (const char* text : {"127.0.0.1:8080", "[::1]:443", "unix:/run/a.sock"}) {
    CAPTURE(text);
    sockaddr_storage storage{};
    const socklen_t length = Address::parse(text)->to_socket(storage);
    CHECK(Address::from_socket(storage, length).text() == text);
  }
  CHECK(Address::parse("127.0.0.1:0")->with_port(9).text() == "127.0.0.1:9");
  CHECK(Address::parse("unix:/x")->with_port(9).text() == "unix:/x");
}

TEST_CASE("a peer shows its address without the port", "[net][address]") {
  const auto peer_text = [](const char* address) {
    sockaddr_storage storage{};
    Address::parse(address)->to_socket(storage);
    std::array<char, Peer::kMaxTextLength> buffer{};
    return std::string(Peer::from_socket(storage).text(buffer));
  };
  CHECK(peer_text("10.1.2.3:80") == "10.1.2.3");
  CHECK(peer_text("[2001:db8::7]:80") == "2001:db8::7");
  CHECK(peer_text("[::ffff:10.1.2.3]:80") == "10.1.2.3");
  CHECK(peer_text("unix:/x") == "unix");
}

}  // namespace
}  // namespace seabag::net
