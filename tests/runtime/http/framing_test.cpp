#include <string>
#include <vector>

#include "parsed_request.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

std::string post_with(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

TEST_CASE("content is framed by one Content-Length or one chunked", "[http][framing]") {
  const ParsedRequest none(post_with(""));
  REQUIRE(none.is_complete());
  CHECK(none.head.framing == BodyFraming::none);
  const ParsedRequest length(post_with("Content-Length: 0012\r\n"));
  REQUIRE(length.is_complete());
  CHECK(length.head.framing == BodyFraming::length);
  CHECK(length.head.content_length == 12);
  const ParsedRequest zero(post_with("Content-Length: 0\r\n"));
  REQUIRE(zero.is_complete());
  CHECK(zero.head.framing == BodyFraming::none);
  const ParsedRequest chunked(post_with("Transfer-Encoding: Chunked\r\n"));
  REQUIRE(chunked.is_complete());
  CHECK(chunked.head.framing == BodyFraming::chunked);
}

TEST_CASE("framing that can be read in two ways is refused", "[http][framing]") {
  const std::vector<std::string> fields = {
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5\r\ncontent-length: 5\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: 5,\r\n",
      "Content-Length: ,5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: - 5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 1_000\r\n",
      "Content-Length: 5.0\r\n",
      "Content-Length: 1e3\r\n",
      "Content-Length: five\r\n",
      "Content-Length: \"5\"\r\n",
      "Content-Length:\r\n",
      "Content-Length: \t \r\n",
      "Content-Length: 5;\r\n",
      "Content-Length: \xd9\xa5\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length: 18446744073709551621\r\n",
      "Content-Length: 9223372036854775808\r\n",
      "Content-Length: 99999999999999999999999999999\r\n",
      "Content-Length : 5\r\n",
      "Content-Length: 5\r\n 6\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
      "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding: ,chunked\r\n",
      "Transfer-Encoding: chunked,\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunkedx\r\n",
      "Transfer-Encoding: chun\xc4\xb1ked\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Transfer-Encoding\t: chunked\r\n",
      " Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding:\r\n chunked\r\n",
      "Transfer\r-Encoding: chunked\r\n",
      "X: y\nTransfer-Encoding: chunked\r\n",
      "X: y\rTransfer-Encoding: chunked\r\n",
      ": y\r\nTransfer-Encoding: chunked\r\n",
  };
  for (const std::string& lines : fields) {
    CAPTURE(lines);
    CHECK(ParsedRequest(post_with(lines)).is_refused());
  }
}

TEST_CASE("names that only look like framing do not frame", "[http][framing]") {
  for (const char* name : {"Transfer_Encoding", "Transfer-Encodin", "X-Transfer-Encoding",
                           "Content_Length", "Content-Lengths"}) {
    CAPTURE(name);
    const ParsedRequest request(post_with(std::string(name) + ": chunked\r\n"));
    REQUIRE(request.is_complete());
    CHECK(request.head.framing == BodyFraming::none);
  }
}

TEST_CASE("Transfer-Encoding is refused on HTTP/1.0", "[http][framing]") {
  CHECK(ParsedRequest("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").is_refused());
}

TEST_CASE("Content-Length may be large but not larger than a file", "[http][framing]") {
  const ParsedRequest request(post_with("Content-Length: 1000000000000000000\r\n"));
  REQUIRE(request.is_complete());
  CHECK(request.head.content_length == 1000000000000000000U);
}

TEST_CASE("a connection persists as its version and Connection say", "[http][framing]") {
  struct Row {
    const char* version;
    const char* fields;
    bool keep_alive;
  };
  const std::vector<Row> rows = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: Close\r\n", false},
      {"1.1", "Connection: keep-alive\r\n", true},
      {"1.1", "Connection: keep-alive, close\r\n", false},
      {"1.1", "Connection: close\r\nConnection: keep-alive\r\n", false},
      {"1.1", "Connection: x,close , y\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection:\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: x, keep-alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.version, row.fields);
    const ParsedRequest request("GET / HTTP/" + std::string(row.version) + "\r\nHost: a\r\n" +
                                row.fields + "\r\n");
    REQUIRE(request.is_complete());
    CHECK(request.head.keep_alive == row.keep_alive);
  }
  const ParsedRequest upgrade(
      get_with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"));
  REQUIRE(upgrade.is_complete());
  CHECK(upgrade.head.wants_upgrade);
}

TEST_CASE("100-continue is expected on HTTP/1.1 only", "[http][framing]") {
  const std::string fields = "Content-Length: 1\r\nExpect: 100-Continue\r\n";
  CHECK(ParsedRequest(post_with(fields)).head.expects_continue);
  const ParsedRequest old("POST / HTTP/1.0\r\n" + fields + "\r\n");
  REQUIRE(old.is_complete());
  CHECK_FALSE(old.head.expects_continue);
  CHECK_FALSE(ParsedRequest(post_with("Expect: 200-ok\r\n")).head.expects_continue);
}

}  // namespace
}  // namespace seabag::http
