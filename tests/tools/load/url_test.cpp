#include "seabag/load/url.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::load {
namespace {

TEST_CASE("a URL says where to connect and what to ask", "[load][url]") {
  struct Row {
    std::string text;
    std::string host;
    unsigned port;
    std::string authority;
    std::string target;
  };
  const std::vector<Row> rows = {
      {"http://example.org", "example.org", 80, "example.org", "/"},
      {"HTTP://Example.org:8080", "Example.org", 8080, "Example.org:8080", "/"},
      {"http://127.0.0.1:1/a/b?c=d", "127.0.0.1", 1, "127.0.0.1:1", "/a/b?c=d"},
      {"http://a?q", "a", 80, "a", "/?q"},
      {"http://a/b#fragment", "a", 80, "a", "/b"},
      {"http://[::1]:65535/%20", "::1", 65535, "[::1]:65535", "/%20"},
      {"https://[2001:db8::1]", "2001:db8::1", 443, "[2001:db8::1]", "/"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto url = parse_url(row.text);
    REQUIRE(url);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->authority == row.authority);
    CHECK(url->target == row.target);
  }
  CHECK(parse_url("https://a")->scheme == Scheme::https);
}

TEST_CASE("what is no URL is refused", "[load][url]") {
  for (const char* text : {"",
                           "a",
                           "/a",
                           "http:",
                           "http:/",
                           "http://",
                           "http:///a",
                           "ftp://a/",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:1x",
                           "http://a:-1",
                           "http://u@a/",
                           "http://u:p@a/",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[]",
                           "http://[127.0.0.1]",
                           "http://a b/",
                           "http://a/b c",
                           "http://a/\r\nHost: b",
                           "http://a/\xc3\xa4",
                           "http://a\\b/"}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().is(std::errc::invalid_argument));
  }
}

TEST_CASE("addresses need no name server", "[load][url]") {
  const auto v4 = resolve(*parse_url("http://127.0.0.1:8080/"));
  REQUIRE(v4);
  CHECK(v4->text() == "127.0.0.1:8080");
  CHECK(is_local(*v4));
  const auto unknown = resolve(*parse_url("http://no-such-host.invalid/"));
  CHECK_FALSE(unknown);
}

}  // namespace
}  // namespace seabag::load
