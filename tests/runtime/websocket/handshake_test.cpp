#include "seabag/websocket/handshake.h"

#include <memory>
#include <string>
#include <string_view>

#include "seabag/http/request_parser.h"
#include "support/catch.h"

namespace seabag::websocket {
namespace {

using http::Status;

/// A request, parsed from a buffer that lives as long.
struct Asking {
  explicit Asking(const std::string& the_text) : text(the_text) {
    const http::ParseOutcome outcome = http::parse_request_head(text, {}, head);
    REQUIRE(outcome.state == http::ParseState::complete);
  }
  std::string text;
  http::RequestHead head;
};

const std::string kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";

std::string get(const std::string& fields) {
  return "GET /chat HTTP/1.1\r\nHost: app.example\r\n" + fields + "\r\n";
}

std::string field_of(const Handshake& handshake, std::string_view name) {
  for (const auto& [one, value] : handshake.fields) {
    if (one == name) {
      return value;
    }
  }
  return "-";
}

Handshake ask(const std::string& request, const HandshakeOptions& options = {}) {
  const Asking asking(request);
  return answer_upgrade(asking.head, options);
}

/// What is agreed on for the value of Sec-WebSocket-Extensions; `-` for nothing.
std::string agreed(const std::string& offer, const HandshakeOptions& options = {}) {
  const Handshake handshake =
      ask(get(kUpgrade + kKey + kVersion + "Sec-WebSocket-Extensions: " + offer + "\r\n"), options);
  return handshake.is_accepted() ? field_of(handshake, "Sec-WebSocket-Extensions")
                                 : std::to_string(static_cast<int>(handshake.status));
}

TEST_CASE("an upgrade is accepted with the key's answer", "[websocket][handshake]") {
  const Handshake plain = ask(get(kUpgrade + kKey + kVersion));
  CHECK(plain.status == Status::switching_protocols);
  CHECK(field_of(plain, "Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(plain.fields.size() == 1);
  CHECK_FALSE(plain.deflate);
  CHECK(ask(get("Upgrade: h2c, WebSocket\r\nConnection: keep-alive, upgrade\r\n" + kKey + kVersion))
            .is_accepted());
}

TEST_CASE("an upgrade that is not as it must be is refused", "[websocket][handshake]") {
  struct Row {
    std::string request;
    Status status;
  };
  const std::string good = kUpgrade + kKey + kVersion;
  const Row rows[] = {
      {get(""), Status::upgrade_required},
      {get("Upgrade: websocket\r\n" + kKey + kVersion), Status::upgrade_required},
      {get("Connection: Upgrade\r\n" + kKey + kVersion), Status::upgrade_required},
      {get("Upgrade: websockets\r\nConnection: Upgrade\r\n" + kKey + kVersion),
       Status::upgrade_required},
      {"POST /chat HTTP/1.1\r\nHost: a\r\n" + good + "\r\n", Status::upgrade_required},
      {"GET /chat HTTP/1.0\r\nHost: a\r\n" + good + "\r\n", Status::upgrade_required},
      {get(kUpgrade + kVersion), Status::bad_request},
      {get(good + kKey), Status::bad_request},
      {get(kUpgrade + kVersion + "Sec-WebSocket-Key: \r\n"), Status::bad_request},
      {get(kUpgrade + kVersion + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n"),
       Status::bad_request},
      {get(kUpgrade + kVersion + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n"),
       Status::bad_request},
      {get(kUpgrade + kVersion + "Sec-WebSocket-Key: dGhlIHNhbXBs!SBub25jZQ==\r\n"),
       Status::bad_request},
      {get(kUpgrade + kKey), Status::bad_request},
      {get(good + kVersion), Status::bad_request},
      {get(kUpgrade + kKey + "Sec-WebSocket-Version: 8\r\n"), Status::upgrade_required},
      {get(kUpgrade + kKey + "Sec-WebSocket-Version: 13, 8\r\n"), Status::upgrade_required},
      {get(good + "Content-Length: 1\r\n"), Status::bad_request},
      {get(good + "Transfer-Encoding: chunked\r\n"), Status::bad_request},
      {get(good + "Sec-WebSocket-Protocol: \r\n"), Status::bad_request},
      {get(good + "Sec-WebSocket-Protocol: a,,b\r\n"), Status::bad_request},
      {get(good + "Sec-WebSocket-Protocol: a b\r\n"), Status::bad_request},
      {get(good + "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: a\r\n"),
       Status::bad_request},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    const Handshake handshake = ask(row.request);
    CHECK(handshake.status == row.status);
    CHECK_FALSE(handshake.is_accepted());
    CHECK(std::string(handshake.reason) != "");
    const bool is_asked = row.status == Status::upgrade_required;
    CHECK((field_of(handshake, "Sec-WebSocket-Version") == "13") == is_asked);
  }
}

TEST_CASE("the first protocol that both know is chosen", "[websocket][handshake]") {
  const HandshakeOptions options{.protocols = {"chat.v1", "chat.v2"}};
  const auto chosen = [&](const std::string& asked) {
    const Handshake handshake =
        ask(get(kUpgrade + kKey + kVersion + "Sec-WebSocket-Protocol: " + asked + "\r\n"), options);
    REQUIRE(handshake.is_accepted());
    CHECK((handshake.protocol.empty() ? "-" : handshake.protocol) ==
          field_of(handshake, "Sec-WebSocket-Protocol"));
    return std::string(handshake.protocol);
  };
  CHECK(chosen("chat.v2, chat.v1") == "chat.v2");
  CHECK(chosen("other,chat.v1") == "chat.v1");
  CHECK(chosen("other\r\nSec-WebSocket-Protocol: chat.v1") == "chat.v1");
  CHECK(chosen("other") == "");
  CHECK(chosen("CHAT.V1") == "");
}

TEST_CASE("compression is agreed on as the client offers it", "[websocket][handshake]") {
  struct Row {
    const char* offer;
    const char* agreed;
  };
  const std::string none =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const Row rows[] = {
      {"permessage-deflate", ""},
      {"permessage-deflate; client_max_window_bits", ""},
      {"permessage-deflate; client_max_window_bits=15", ""},
      {"permessage-deflate; client_max_window_bits=9", "; client_max_window_bits=9"},
      {"permessage-deflate; client_max_window_bits=8", "; client_max_window_bits=8"},
      {"permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=\"10\"", "; server_max_window_bits=10"},
      {"permessage-deflate;server_no_context_takeover ; client_no_context_takeover", ""},
      {"x-unknown; a=b, permessage-deflate", ""},
      {"permessage-deflate; unknown, permessage-deflate", ""},
      {"permessage-deflate; server_max_window_bits=8, permessage-deflate", ""},
  };
  for (const Row& row : rows) {
    INFO(row.offer);
    CHECK(agreed(row.offer) == none + row.agreed);
  }
}

TEST_CASE("offers that nobody can agree to", "[websocket][handshake]") {
  const std::string deflate = "permessage-deflate; ";
  for (const char* const parameter :
       {"unknown", "server_max_window_bits", "server_max_window_bits=7",
        "server_max_window_bits=16", "server_max_window_bits=010", "server_max_window_bits=8",
        "client_max_window_bits=7", "client_max_window_bits=1x", "server_no_context_takeover=1",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=9; server_max_window_bits=9"}) {
    INFO(parameter);
    CHECK(agreed(deflate + parameter) == "-");
  }
  CHECK(agreed("x-webkit-deflate-frame") == "-");
  CHECK(agreed("permessage-deflate", {.protocols = {}, .deflate = std::nullopt}) == "-");
  for (const char* const malformed :
       {"", ",", "permessage-deflate,", "permessage-deflate;", "a b", "permessage-deflate; =1",
        "permessage-deflate; a=", "permessage-deflate; a=\"", "permessage-deflate; a=\"b c\"",
        "permessage-deflate; a=\"b", "; a", "a; b=c d", "a, \"b\""}) {
    INFO(malformed);
    CHECK(agreed(malformed) == "400");
  }
}

TEST_CASE("a server may keep context and use smaller windows", "[websocket][handshake]") {
  HandshakeOptions options;
  options.deflate = DeflateOptions{.server_takeover = Takeover::kept,
                                   .client_takeover = Takeover::kept,
                                   .server_window_bits = 12,
                                   .client_window_bits = 11};
  CHECK(agreed("permessage-deflate", options) == "permessage-deflate; server_max_window_bits=12");
  CHECK(agreed("permessage-deflate; client_max_window_bits; server_max_window_bits=14", options) ==
        "permessage-deflate; server_max_window_bits=12; client_max_window_bits=11");
  CHECK(agreed("permessage-deflate; server_no_context_takeover", options) ==
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=12");
  CHECK(agreed("permessage-deflate; client_no_context_takeover; client_max_window_bits=10",
               options) ==
        "permessage-deflate; client_no_context_takeover; "
        "server_max_window_bits=12; client_max_window_bits=10");
}

TEST_CASE("an extended CONNECT needs no key", "[websocket][handshake]") {
  const Asking asking(get(kVersion + "Sec-WebSocket-Protocol: a\r\n"));
  const Handshake handshake = answer_connect(asking.head, {.protocols = {"a"}});
  CHECK(handshake.status == Status::ok);
  CHECK(field_of(handshake, "Sec-WebSocket-Protocol") == "a");
  CHECK(field_of(handshake, "Sec-WebSocket-Accept") == "-");
  const Asking old(get("Sec-WebSocket-Version: 8\r\n"));
  CHECK(answer_connect(old.head, {}).status == Status::bad_request);
  CHECK(field_of(answer_connect(old.head, {}), "Sec-WebSocket-Version") == "13");
}

TEST_CASE("pages of other sites are told by their origin", "[websocket][handshake]") {
  const auto is_same = [](const std::string& origin, const std::string& host) {
    const Asking asking("GET / HTTP/1.1\r\nHost: " + host + "\r\n" + origin + "\r\n");
    return is_same_origin(asking.head);
  };
  CHECK(is_same("", "a.example"));
  CHECK(is_same("Origin: http://a.example\r\n", "a.example"));
  CHECK(is_same("Origin: https://A.example\r\n", "a.example:443"));
  CHECK(is_same("Origin: http://a.example:8080\r\n", "a.example:8080"));
  CHECK_FALSE(is_same("Origin: http://a.example:8080\r\n", "a.example"));
  CHECK_FALSE(is_same("Origin: http://b.example\r\n", "a.example"));
  CHECK_FALSE(is_same("Origin: http://a.example.evil\r\n", "a.example"));
  CHECK_FALSE(is_same("Origin: null\r\n", "a.example"));
  CHECK_FALSE(is_same("Origin: http://\r\n", "a.example"));
  CHECK_FALSE(is_same("Origin: http://a.example\r\nOrigin: http://b.example\r\n", "a.example"));
}

}  // namespace
}  // namespace seabag::websocket
