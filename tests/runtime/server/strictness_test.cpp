#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;

const std::string kNextRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Turns the escapes of the data file, which says what they are, into bytes.
std::string unescape(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes += text[at];
      continue;
    }
    const char kind = text.at(++at);
    if (kind == 'x') {
      bytes += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else if (kind == '{') {
      // What is repeated may hold escapes, but no brace that closes.
      const std::size_t end = text.find('}', at);
      const std::size_t space = text.find(' ', at);
      REQUIRE(end != std::string::npos);
      const std::string part = unescape(text.substr(space + 1, end - space - 1));
      for (int left = std::stoi(text.substr(at + 1)); left > 0; --left) {
        bytes += part;
      }
      at = end;
    } else {
      const std::string posted = "POST /echo HTTP/1.1\r\nHost: a\r\n";
      bytes += kind == 'r'   ? "\r"
               : kind == 'n' ? "\n"
               : kind == 't' ? "\t"
               : kind == 'P' ? posted
               : kind == 'G' ? "GET / HTTP/1.1\r\nHost: a\r\n"
               : kind == 'C' ? posted + "Transfer-Encoding: chunked\r\n\r\n"
               : kind == 'N' ? kNextRequest
                             : std::string(1, kind);
    }
  }
  return bytes;
}

enum class Sending { at_once, byte_by_byte };

struct Case {
  Sending sending;  ///< byte by byte: in both ways
  std::string answers;
  std::string bytes;
  std::string what;
};

std::vector<Case> cases() {
  std::ifstream file(std::string(SEABAG_TEST_DATA) + "/http1/strictness.txt");
  std::vector<Case> found;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    REQUIRE(second != std::string::npos);
    const bool is_whole = line[0] == '!';
    found.push_back({is_whole ? Sending::at_once : Sending::byte_by_byte,
                     line.substr(is_whole ? 1 : 0, first - (is_whole ? 1 : 0)),
                     unescape(line.substr(first + 1, second - first - 1)),
                     line.substr(second + 1)});
  }
  return found;
}

/// Whether the server has answered nothing; `other` makes sure that it has read what was sent.
bool is_waiting(const Loopback& client, Loopback& other) {
  (void)other.ask(kNextRequest);
  char byte = 0;
  return recv(client.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

std::string described(const Reply& reply, const std::string& wanted) {
  const bool wants_content = wanted.find('=') != std::string::npos;
  return std::to_string(reply.status) + (wants_content ? "=" + reply.body : "");
}

/// What came back, in the words of the data file.
std::string outcome(Loopback& client, std::string wanted) {
  const bool ends = wanted.ends_with('.');
  if (ends) {
    wanted.pop_back();
  }
  std::string got;
  std::size_t from = 0;
  // A text that is sent back may hold spaces: an answer begins with a digit.
  while (from < wanted.size()) {
    std::size_t to = wanted.find(' ', from);
    while (to != std::string::npos && std::isdigit(wanted[to + 1]) == 0) {
      to = wanted.find(' ', to + 1);
    }
    to = std::min(to, wanted.size());
    const std::string one = wanted.substr(from, to - from);
    const bool has_body = !one.starts_with("1") && !one.starts_with("204");
    const Reply reply = client.receive_reply(has_body ? ReplyBody::as_told : ReplyBody::none);
    got += (got.empty() ? "" : " ") + described(reply, one);
    if (described(reply, one) != one) {
      return got;  // nothing more is sure to come
    }
    from = to + 1;
  }
  if (ends) {
    return got + (client.receive_all().empty() ? "." : " and more");
  }
  const Reply next = client.ask(kNextRequest);
  return got + (next.status == 200 && next.body == "page\n" ? "" : " and then another answer");
}

/// A site with a page, and a handler that sends back what it is sent.
struct EchoSite {
  EchoSite() {
    assets.add("/index.html", "page\n");
    REQUIRE(router.add(http::Method::post, "/echo", [](const Request& request) {
      return Response::text(std::string(request.body()));
    }));
  }
  FixedAssets assets;
  Router router;
};

void check_all(Sending sending) {
  constexpr std::size_t kMostSingleBytes = 400;
  const EchoSite site;
  Served served({.assets = &site.assets, .router = &site.router});
  Loopback other(served.address());
  for (const Case& one : cases()) {
    if (sending == Sending::byte_by_byte &&
        (one.sending == Sending::at_once || one.bytes.size() > kMostSingleBytes)) {
      continue;
    }
    INFO(one.what << ": " << one.bytes.substr(0, kMostSingleBytes));
    Loopback client(served.address());
    const std::size_t step = sending == Sending::at_once ? one.bytes.size() : 1;
    for (std::size_t at = 0; at < one.bytes.size(); at += step) {
      // After an error the server may have closed: then the rest does not matter.
      (void)client.send_some(std::string_view(one.bytes).substr(at, step));
    }
    if (one.answers == "...") {
      CHECK(is_waiting(client, other));
      continue;
    }
    CHECK(outcome(client, one.answers) == one.answers);
  }
}

}  // namespace

TEST_CASE("requests that readers disagree about are refused", "[server][strictness]") {
  check_all(Sending::at_once);
}

TEST_CASE("and so they are when they come byte by byte", "[server][strictness]") {
  check_all(Sending::byte_by_byte);
}

TEST_CASE("every beginning of a request is waited for", "[server][strictness]") {
  const EchoSite site;
  Served served({.assets = &site.assets, .router = &site.router});
  Loopback other(served.address());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t length = 1; length < request.size(); ++length) {
    Loopback client(served.address());
    client.send(request.substr(0, length));
    INFO(length);
    CHECK(is_waiting(client, other));
    CHECK(client.ask(request.substr(length)).body == "hello");
  }
}

}  // namespace seabag::server
