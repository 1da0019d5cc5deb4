// The server as a client of TLS sees it.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "../server/served.h"
#include "files.h"
#include "seabag/server/handler.h"
#include "seabag/server/websocket.h"
#include "secure_client.h"
#include "support/websocket_client.h"

namespace seabag {
namespace {

using test::ClientOptions;
using test::Files;
using test::issue;
using test::SecureClient;
using test::Served;

constexpr std::string_view kGet = "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n";

struct Site {
  Site() {
    assets.add("/hello.txt", "hello over TLS\n");
    std::string large(3'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) {
      large[i] = static_cast<char>('a' + i * 7 % 26);
    }
    assets.add("/large.txt", large);
    content = std::move(large);
  }
  test::FixedAssets assets;
  std::string content;
};

/// A site with its own certificate, and what serves it.
struct Secured {
  explicit Secured(tls::Settings settings = {}, server::ServerOptions options = {})
      : Secured(std::make_shared<Files>(), std::move(settings), std::move(options)) {}
  Secured(const std::shared_ptr<Files>& files, tls::Settings settings,
          server::ServerOptions options = {})
      : context(test::load(files, std::move(settings))),
        channels(context->make_source()),
        served({.assets = &site.assets}, options, "127.0.0.1:0", {.channels = channels.get()}) {}

  Site site;
  std::unique_ptr<tls::Context> context;
  std::unique_ptr<net::ChannelSource> channels;
  Served served;
};

}  // namespace

TEST_CASE("a request is answered over TLS 1.2 and 1.3", "[tls][server]") {
  const Secured secured;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SecureClient client(secured.served.address(), {.version = version});
    REQUIRE(client.connect());
    CHECK(client.ask(kGet).ends_with("\r\n\r\nhello over TLS\n"));
    CHECK(client.ask(kGet).starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("older versions are refused", "[tls][server]") {
  const Secured secured({.minimum = tls::Version::tls_1_3});
  CHECK_FALSE(SecureClient(secured.served.address(), {.version = TLS1_2_VERSION}).connect());
  CHECK(SecureClient(secured.served.address(), {.version = TLS1_3_VERSION}).connect());
  CHECK_FALSE(SecureClient(Secured().served.address(), {.version = TLS1_1_VERSION}).connect());
}

TEST_CASE("large files arrive whole, also at clients that read slowly", "[tls][server]") {
  const Secured secured;
  SecureClient client(secured.served.address(), {.receive_space = 4096});
  REQUIRE(client.connect());
  const std::string answer = client.ask("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == secured.site.content);
  CHECK(client.ask(kGet).ends_with("hello over TLS\n"));
}

TEST_CASE("many requests in one record are all answered", "[tls][server]") {
  const Secured secured;
  SecureClient client(secured.served.address());
  REQUIRE(client.connect());
  const std::string one = client.ask(kGet);
  std::string batch;
  for (int i = 0; i < 100; ++i) {
    batch += kGet;
  }
  client.send(batch);
  for (int i = 0; i < 100; ++i) {
    CHECK(client.receive(one.size()).ends_with("hello over TLS\n"));
  }
}

TEST_CASE("the first records fit a packet each, later ones are large", "[tls][server]") {
  const Secured secured;
  SecureClient client(secured.served.address());
  REQUIRE(client.connect());
  client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.receive_record().size() == 1400);
  client.receive(100'000);
  CHECK(client.receive_record(20'000).size() <= 16 * 1024);
  bool has_large = false;
  for (int i = 0; i < 10; ++i) {
    has_large = has_large || client.receive_record(20'000).size() == 16 * 1024;
  }
  CHECK(has_large);
}

TEST_CASE("the protocol is negotiated, or the handshake fails", "[tls][server]") {
  const Secured secured;
  SecureClient both(secured.served.address(), {.protocols = {"http/1.1", "h2"}});
  REQUIRE(both.connect());
  CHECK(both.protocol() == "h2");
  SecureClient one(secured.served.address(), {.protocols = {"http/1.1"}});
  REQUIRE(one.connect());
  CHECK(one.protocol() == "http/1.1");
  CHECK(one.ask(kGet).ends_with("hello over TLS\n"));
  CHECK_FALSE(SecureClient(secured.served.address(), {.protocols = {"spdy/3"}}).connect());
  ERR_clear_error();
}

TEST_CASE("the name that a client asks for chooses the certificate", "[tls][server]") {
  const auto files = std::make_shared<Files>(Files{
      {"a", test::joined(issue({.subject = "first", .names = {"a.example"}}))},
      {"b", test::joined(issue({.subject = "second", .names = {"b.example", "*.b.example"}}))}});
  const Secured secured(files, {.certificates = {{.certificate = "a"}, {.certificate = "b"}}});
  const auto subject_for = [&](const std::string& host) {
    SecureClient client(secured.served.address(), {.host = host});
    REQUIRE(client.connect());
    return client.peer_name();
  };
  CHECK(subject_for("a.example") == "first");
  CHECK(subject_for("b.example") == "second");
  CHECK(subject_for("www.b.example") == "second");
  CHECK(subject_for("a.www.b.example") == "first");
  CHECK(subject_for("other.example") == "first");
  CHECK(subject_for("") == "first");
}

std::string ticket_of(const SSL_SESSION& session) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  SSL_SESSION_get0_ticket(&session, &bytes, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

TEST_CASE("sessions are resumed, also by another loop with the same context", "[tls][server]") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Secured secured;
    SecureClient first(secured.served.address(), {.version = version});
    REQUIRE(first.connect());
    CHECK(first.ask(kGet).ends_with("hello over TLS\n"));
    CHECK_FALSE(first.is_resumed());
    const auto session = first.session();

    const auto channels = secured.context->make_source();
    const Served other({.assets = &secured.site.assets}, {}, "127.0.0.1:0",
                       {.channels = channels.get()});
    SecureClient again(other.address(), {.version = version, .session = session.get()});
    REQUIRE(again.connect());
    CHECK(again.is_resumed());
    CHECK(again.ask(kGet).ends_with("hello over TLS\n"));

    // Tickets of TLS 1.3 are used once, so each use brings another.
    if (version == TLS1_3_VERSION) {
      const auto next = again.session();
      CHECK(ticket_of(*next) != ticket_of(*session));
      SecureClient third(secured.served.address(), {.version = version, .session = next.get()});
      REQUIRE(third.connect());
      CHECK(third.is_resumed());
    }

    const Secured stranger;
    SecureClient elsewhere(stranger.served.address(),
                           {.version = version, .session = session.get()});
    REQUIRE(elsewhere.connect());
    CHECK_FALSE(elsewhere.is_resumed());
  }
}

TEST_CASE("new certificates count for new connections and disturb no other", "[tls][server]") {
  const auto files =
      std::make_shared<Files>(Files{{"c", test::joined(issue({.subject = "before"}))}});
  const Secured secured(files, {.certificates = {{.certificate = "c"}}});
  SecureClient old(secured.served.address());
  REQUIRE(old.connect());
  CHECK(old.peer_name() == "before");
  SecureClient half(secured.served.address());  // has not begun its handshake
  (*files)["c"] = test::joined(issue({.subject = "after"}));
  REQUIRE(secured.context->reload());
  SecureClient young(secured.served.address());
  REQUIRE(young.connect());
  CHECK(young.peer_name() == "after");
  CHECK(half.connect());
  CHECK(old.ask(kGet).ends_with("hello over TLS\n"));
}

TEST_CASE("the server says goodbye before it closes", "[tls][server]") {
  const Secured secured;
  SecureClient client(secured.served.address());
  REQUIRE(client.connect());
  client.send("GET /hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(client.receive_all().ends_with("hello over TLS\n"));
  CHECK(client.has_goodbye());
}

TEST_CASE("a client that ends gets the answers to what it asked before", "[tls][server]") {
  const Secured secured;
  SecureClient polite(secured.served.address());
  REQUIRE(polite.connect());
  polite.send(kGet);
  SSL_shutdown(polite.connection());
  CHECK(polite.receive_all().ends_with("hello over TLS\n"));

  SecureClient abrupt(secured.served.address());
  REQUIRE(abrupt.connect());
  abrupt.send(kGet);
  abrupt.socket().finish_sending();
  CHECK(abrupt.receive_all().ends_with("hello over TLS\n"));

  // Half a request is none, however the rest got lost.
  SecureClient cut(secured.served.address());
  REQUIRE(cut.connect());
  cut.send("GET /hello.txt HTTP/1.1\r\nHo");
  cut.socket().finish_sending();
  CHECK(cut.receive_all().empty());
}

TEST_CASE("a request may come together with the end of the handshake", "[tls][server]") {
  const Secured secured;
  const auto hold = [](SecureClient& client, int is_on) {
    const int socket = client.socket().descriptor();
    REQUIRE(setsockopt(socket, IPPROTO_TCP, TCP_CORK, &is_on, sizeof is_on) == 0);
  };
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  SecureClient whole(secured.served.address(), {.version = version});
  hold(whole, 1);
  REQUIRE(whole.connect());
  whole.send(kGet);
  hold(whole, 0);
  CHECK(whole.ask(kGet).ends_with("hello over TLS\n"));
  const auto session = whole.session();
  SecureClient again(secured.served.address(), {.version = version, .session = session.get()});
  REQUIRE(again.connect());
  CHECK(again.is_resumed());

  SecureClient part(secured.served.address(), {.version = version});
  hold(part, 1);
  REQUIRE(part.connect());
  part.send(kGet.substr(0, 10));
  hold(part, 0);
  CHECK(part.ask(kGet.substr(10)).ends_with("hello over TLS\n"));

  SecureClient last(secured.served.address(), {.version = version});
  hold(last, 1);
  REQUIRE(last.connect());
  last.send(kGet);
  last.socket().finish_sending();
  CHECK(last.receive_all().ends_with("hello over TLS\n"));
}

TEST_CASE("a client that leaves during the handshake is not waited for", "[tls][server]") {
  const Secured secured({}, {.limits = {.handshake_time = 3'600'000}});
  for (const std::string_view bytes :
       {std::string_view(), std::string_view("\x16"), std::string_view("\x16\x03\x01\x02\x00", 5),
        std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01", 8)}) {
    test::Loopback client(secured.served.address());
    client.send(bytes);
    client.finish_sending();
    CHECK(client.is_ended());
  }
}

TEST_CASE("plain HTTP at a port of HTTPS is told so", "[tls][server]") {
  const Secured secured;
  test::Loopback client(secured.served.address());
  const test::Reply reply = client.ask(kGet);
  CHECK(reply.status == 400);
  CHECK(reply.body == "This port speaks HTTPS: begin with https://...\n");
  CHECK(client.is_ended());
}

TEST_CASE("what is no handshake ends the connection", "[tls][server]") {
  const Secured secured;
  for (const char* bytes : {"\x16\x03\x01\x00\x05hello", "\x80\x2e\x01\x00\x02", "\n\n\n\n\n\n\n",
                            "\x17\x03\x03\x00\x05hello"}) {
    test::Loopback client(secured.served.address());
    client.send(bytes);
    client.finish_sending();
    CHECK(client.is_ended());
  }
  SecureClient after(secured.served.address());
  CHECK(after.connect());
}

TEST_CASE("a handshake that does not go on ends in time", "[tls][server]") {
  const Secured secured({}, {.limits = {.handshake_time = 100}});
  test::Loopback silent(secured.served.address());
  CHECK(silent.is_ended());
  test::Loopback half(secured.served.address());
  half.send(std::string_view("\x16\x03\x01\x02\x00", 5));
  CHECK(half.is_ended());
}

TEST_CASE("one handshake too many ends the oldest one", "[tls][server]") {
  const Secured secured({}, {.limits = {.handshakes = 2}});
  SecureClient established(secured.served.address());
  REQUIRE(established.connect());
  CHECK(established.ask(kGet).ends_with("hello over TLS\n"));
  test::Loopback first(secured.served.address());
  SecureClient second(secured.served.address());
  test::Loopback third(secured.served.address());
  CHECK(first.is_ended());
  CHECK(second.connect());
  CHECK(established.ask(kGet).ends_with("hello over TLS\n"));
}

TEST_CASE("fields that are for HTTPS alone go with every answer over it", "[tls][server]") {
  constexpr std::string_view kField = "Strict-Transport-Security: max-age=1\r\n";
  const server::ServerOptions options{.site = {.secure_fields = kField}};
  const Secured secured({}, options);
  SecureClient client(secured.served.address());
  REQUIRE(client.connect());
  for (const char* path : {"/hello.txt", "/missing"}) {
    const std::string answer =
        client.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(answer.find("\r\n" + std::string(kField)) != std::string::npos);
  }
  Site site;
  const Served plain({.assets = &site.assets}, options);
  CHECK_FALSE(test::Loopback(plain.address()).ask(kGet).field("Strict-Transport-Security"));
}

TEST_CASE("a WebSocket works over TLS", "[tls][server][websocket]") {
  Site site;
  server::Router router;
  REQUIRE(server::add_websocket(
      router, "/echo",
      {.on_message = [](const server::Socket& socket, const server::SocketMessage& message) {
        socket.send_text(std::string(message.payload));
      }}));
  const auto context = test::load(std::make_shared<Files>(), {});
  const auto channels = context->make_source();
  const Served served({.assets = &site.assets, .router = &router}, {}, "127.0.0.1:0",
                      {.channels = channels.get()});
  SecureClient client(served.address());
  REQUIRE(client.connect());
  client.send(test::upgrade_request("/echo"));
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = client.receive(1);
    REQUIRE(byte.size() == 1);
    head += byte;
  }
  CHECK(head.starts_with("HTTP/1.1 101 "));
  const std::string large(100'000, 'l');
  client.send(test::client_frame(websocket::Opcode::text, large) + test::client_close(1000));
  std::string answer = client.receive_all();
  CHECK((test::take_server_frame(answer)->payload == large));
  CHECK(test::take_server_frame(answer)->code() == 1000);
  CHECK(client.has_goodbye());
}

TEST_CASE("plain HTTP is sent to HTTPS, but to no host that is not ours", "[tls][server]") {
  Site site;
  site.assets.add("/.well-known/acme-challenge/token", "token");
  const Served plain(
      {.assets = &site.assets}, {}, "127.0.0.1:0",
      {.redirect = server::SecureRedirect{.port = 8443, .is_ours = [](std::string_view host) {
                                            return host == "example.com" || host == "::1";
                                          }}});
  const auto ask = [&](const std::string& line, const std::string& host) {
    return test::Loopback(plain.address()).ask(line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  };
  const test::Reply reply = ask("GET /a//b%20?c=d", "example.com:8080");
  CHECK(reply.status == 301);
  CHECK(reply.field("Location") == "https://example.com:8443/a//b%20?c=d");
  CHECK(ask("POST /form", "example.com").status == 308);
  CHECK(ask("GET /", "[::1]:80").field("Location") == "https://[::1]:8443/");
  CHECK(ask("GET //evil.example/", "example.com").field("Location") ==
        "https://example.com:8443//evil.example/");
  CHECK(ask("GET http://example.com/x", "example.com").field("Location") ==
        "https://example.com:8443/x");
  CHECK(ask("GET /", "evil.example").status == 400);
  CHECK(ask("GET http://evil.example/", "example.com").status == 400);
  CHECK(ask("OPTIONS *", "example.com").status == 400);
  CHECK(ask("GET /.well-known/acme-challenge/token", "example.com").body == "token");
  CHECK(ask("GET /.well-known/other", "example.com").status == 301);
}

}  // namespace seabag
