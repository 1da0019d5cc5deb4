#include "seabag/server/websocket.h"

#include <condition_variable>
#include <deque>
#include <stdexcept>
#include <thread>

#include "seabag/server/handler.h"
#include "served.h"
#include "support/websocket_cases.h"
#include "support/websocket_client.h"

namespace seabag::server {
namespace {

using test::client_close;
using test::client_frame;
using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::Served;
using test::upgrade_request;
using test::WebSocketClient;
using websocket::CloseCode;
using websocket::MessageKind;
using websocket::Opcode;

/// What the app hears, for the test to wait for.
class Heard {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::string next() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return !lines_.empty(); }));
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
};

std::string end_of(const SocketEnd& end) {
  return std::to_string(static_cast<int>(end.code)) + " " + std::string(end.reason);
}

/// An app whose `/echo` sends every message back, and tells of the rest.
struct App {
  App() {
    assets.add("/index.html", "<home>");
    open("/echo", {});
  }
  void open(const char* pattern, SocketOptions options) {
    SocketHandlers handlers{
        .on_open = [this](const Socket& socket,
                          const Request& request) { opened(socket, request); },
        .on_message = [this](const Socket& socket,
                             const SocketMessage& message) { answer(socket, message); },
        .on_close = [this](const Socket&, const SocketEnd& end) { heard.add(end_of(end)); }};
    REQUIRE(add_websocket(router, pattern, std::move(handlers), std::move(options)));
  }
  void opened(const Socket& socket, const Request& request) {
    last = socket;
    group.add(socket);
    heard.add("open " + std::string(request.path()) + std::string(request.query()));
  }
  static void answer(const Socket& socket, const SocketMessage& message) {
    const std::string payload(message.payload);
    if (payload == "throw") {
      throw std::runtime_error("no database");
    }
    if (message.kind == MessageKind::text) {
      socket.send_text(payload);
    } else {
      socket.send_binary(payload);
    }
  }
  [[nodiscard]] Services services() const { return {.assets = &assets, .router = &router}; }

  FixedAssets assets;
  Router router;
  SocketGroup group;
  std::optional<Socket> last;  ///< to be used when the opening was heard of
  Heard heard;
};

TEST_CASE("a WebSocket is opened, used and closed", "[server][websocket]") {
  App app;
  Served served(app.services());
  WebSocketClient client(served.address(), "/echo?x=1");
  CHECK(client.reply.field("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(client.reply.field("Upgrade") == "websocket");
  CHECK(client.reply.field("Connection") == "Upgrade");
  CHECK(app.heard.next() == "open /echox=1");
  CHECK(client.ask("hello") == "hello");
  client.send(Opcode::binary, std::string_view("\0\xff", 2));
  CHECK(client.receive(Opcode::binary) == std::string("\0\xff", 2));
  client.send(Opcode::ping, "there?");
  CHECK(client.receive(Opcode::pong) == "there?");
  const std::string large(700'000, 'l');
  CHECK(client.ask(large) == large);
  client.socket.send(client_close(3001, "enough"));
  CHECK(client.receive_close() == 3001);
  CHECK(client.socket.receive_all().empty());
  CHECK(app.heard.next() == "3001 enough");
  CHECK_FALSE(app.last->is_open());
  CHECK(app.last->send_text("late") == Sent::closed);
}

TEST_CASE("frames may come together with the request, and in any pieces", "[server][websocket]") {
  App app;
  Served served(app.services());
  Loopback together(served.address());
  together.send(upgrade_request("/echo") + client_frame(Opcode::text, "a") +
                client_frame(Opcode::text, "b") + client_close(1000));
  CHECK(together.receive_reply(test::ReplyBody::none).status == 101);
  CHECK(together.receive_all() ==
        "\x81\x01"
        "a\x81\x01"
        "b\x88\x02\x03\xe8");
  Loopback bytes(served.address());
  for (const char byte : upgrade_request("/echo") + client_frame(Opcode::text, "a")) {
    bytes.send({&byte, 1});
  }
  CHECK(bytes.receive_reply(test::ReplyBody::none).status == 101);
  CHECK(bytes.receive(3) ==
        "\x81\x01"
        "a");
}

TEST_CASE("requests that open no WebSocket", "[server][websocket]") {
  App app;
  app.open("/closed", {.allows = [](const Request& request) {
             return request.query_value("token") == "sesame";
           }});
  Served served(app.services());
  struct Row {
    std::string request;
    int status;
  };
  const std::string good = upgrade_request("/echo");
  const auto without = [&](const std::string& line) {
    std::string request = good;
    request.erase(request.find(line),
                  request.find("\r\n", request.find(line)) + 2 - request.find(line));
    return request;
  };
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
  const Row rows[] = {
      {without("Sec-WebSocket-Key"), 400},
      {without("Sec-WebSocket-Version"), 400},
      {without("Upgrade:"), 426},
      {without("Connection:"), 426},
      {"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 426},
      {post, 405},
      {upgrade_request("/none"), 404},
      {upgrade_request("/"), 200},
      {upgrade_request("/echo", "Origin: http://evil.example\r\n"), 403},
      {upgrade_request("/echo", "Sec-WebSocket-Extensions: ;\r\n"), 400},
      {upgrade_request("/closed"), 403},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    Loopback client(served.address());
    const Reply reply = client.ask(row.request);
    CHECK(reply.status == row.status);
    if (row.status == 426) {
      CHECK(reply.field("Upgrade") == "websocket");
      CHECK(reply.field("Sec-WebSocket-Version") == "13");
    }
    // The connection is one of HTTP still.
    if (reply.field("Connection") != "close") {
      CHECK(client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body == "<home>");
    }
  }
  // One of several protocols that a client lists is enough (RFC 9110 §7.8).
  for (const char* lines : {"Upgrade: h2c, websocket", "Upgrade: ,WebSocket ,x/2",
                            "Upgrade: h2c\r\nUpgrade: x/1,websocket"}) {
    std::string listed = good;
    listed.replace(listed.find("Upgrade: websocket"), 18, lines);
    INFO(listed);
    const Reply reply = Loopback(served.address()).ask(listed);
    CHECK(reply.status == 101);
    CHECK(reply.field("Upgrade") == "websocket");
  }
  std::string old = good;
  old.replace(old.find("Version: 13"), 11, "Version: 8");
  Loopback client(served.address());
  CHECK(client.ask(old).status == 426);
  WebSocketClient origin(served.address(), "/echo", "Origin: http://app.example\r\n");
  CHECK(origin.ask("x") == "x");
  WebSocketClient token(served.address(), "/closed?token=sesame", "Origin: http://evil\r\n");
  CHECK(token.ask("y") == "y");
}

TEST_CASE("every case holds on a connection, too", "[server][websocket]") {
  App app;
  app.open("/cases", {.limits = {.message = 200'000, .frame = 150'000}});
  app.open("/deflate", {.deflate = websocket::DeflateOptions{.shortest = 1'000'000},
                        .limits = {.message = 200'000, .frame = 150'000}});
  Served served(app.services());
  const auto cases = test::websocket_cases(std::string(SEABAG_TEST_DATA) + "/websocket/cases.txt");
  for (const test::WebSocketCase& one : cases) {
    INFO(one.what);
    const std::string offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    WebSocketClient client(served.address(), one.is_deflated ? "/deflate" : "/cases",
                           one.is_deflated ? offer : "");
    // A server that has found a fault may close before everything is sent.
    std::thread sender([&] { (void)test::send_until_lost(client.socket, one.bytes); });
    std::vector<std::string> answers;
    while (answers.size() < one.answers.size()) {
      const auto frame = client.receive();
      if (!frame) {
        break;
      }
      answers.push_back(test::described(*frame, frame->payload));
    }
    sender.join();
    CHECK((answers == one.answers));
    CHECK((!one.ends || client.socket.is_ended()));
  }
}

TEST_CASE("a subprotocol and compression are agreed on", "[server][websocket]") {
  App app;
  app.open("/chat", {.protocols = {"v1.chat", "v2.chat"}});
  Served served(app.services());
  WebSocketClient client(served.address(), "/chat",
                         "Sec-WebSocket-Protocol: v2.chat, v1.chat\r\n"
                         "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  CHECK(client.reply.field("Sec-WebSocket-Protocol") == "v2.chat");
  CHECK(client.reply.field("Sec-WebSocket-Extensions") ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  CHECK(app.heard.next() == "open /chat");
  CHECK(app.last->protocol() == "v2.chat");
  client.send_text(std::string(5000, 'z'));
  const auto frame = client.receive();
  REQUIRE(frame);
  CHECK(frame->is_deflated);
  CHECK(frame->payload.size() < 100);
}

TEST_CASE("what a handler throws closes the socket", "[server][websocket]") {
  App app;
  Served served(app.services());
  WebSocketClient client(served.address(), "/echo");
  CHECK(app.heard.next() == "open /echo");
  client.send_text("throw");
  CHECK(client.receive_close() == 1011);
  client.socket.send(client_close(1011));
  CHECK(app.heard.next() == "1011 no database");
  CHECK(client.socket.receive_all().empty());
}

TEST_CASE("rules that a client breaks end the connection", "[server][websocket]") {
  App app;
  app.open("/small", {.limits = {.message = 100, .frame = 80, .fragments = 3}});
  Served served(app.services());
  struct Row {
    std::string bytes;
    unsigned code;
  };
  const Row rows[] = {
      {client_frame(Opcode::text, std::string(81, 'x')), 1009},
      {client_frame({.is_final = false}, std::string(60, 'x')) +
           client_frame(Opcode::continuation, std::string(60, 'x')),
       1009},
      {client_frame({.is_final = false}, "") + client_frame({.opcode = 0, .is_final = false}, "") +
           client_frame({.opcode = 0, .is_final = false}, "") +
           client_frame({.opcode = 0, .is_final = false}, ""),
       1008},
      {client_frame(Opcode::text, "\xff"), 1007},
      {"\x81\x01x", 1002},
  };
  for (const Row& row : rows) {
    WebSocketClient client(served.address(), "/small");
    CHECK(app.heard.next() == "open /small");
    client.socket.send(row.bytes);
    CHECK(client.receive_close() == row.code);
    CHECK(client.socket.is_ended());
    CHECK(app.heard.next().starts_with(std::to_string(row.code) + " "));
  }
}

TEST_CASE("a client that vanishes is told of", "[server][websocket]") {
  App app;
  Served served(app.services());
  for (const bool with_reset : {false, true}) {
    auto client = std::make_unique<WebSocketClient>(served.address(), "/echo");
    CHECK(app.heard.next() == "open /echo");
    client->socket.send(client_frame({.is_final = false}, "half"));
    if (with_reset) {
      client->socket.abort();
    }
    client.reset();
    CHECK(app.heard.next() == "1006 ");
    CHECK_FALSE(app.last->is_open());
  }
}

TEST_CASE("an idle client is asked, and one that does not answer is dropped",
          "[server][websocket]") {
  using std::chrono::milliseconds;
  App app;
  app.open("/idle", {.ping_after = milliseconds(50), .answer_within = milliseconds(20'000)});
  app.open("/dead", {.ping_after = milliseconds(50), .answer_within = milliseconds(50)});
  Served served(app.services());
  WebSocketClient idle(served.address(), "/idle");
  CHECK(app.heard.next() == "open /idle");
  for (int i = 0; i < 3; ++i) {
    CHECK(idle.receive(Opcode::ping).empty());
    idle.send(Opcode::pong, "");
  }
  WebSocketClient dead(served.address(), "/dead");
  CHECK(app.heard.next() == "open /dead");
  CHECK(dead.receive(Opcode::ping).empty());
  CHECK_FALSE(dead.receive());
  CHECK(app.heard.next() == "1006 ");
}

TEST_CASE("a client that does not answer a Close is dropped", "[server][websocket]") {
  App app;
  app.open("/hasty", {.answer_within = std::chrono::milliseconds(100)});
  Served served(app.services());
  for (const bool goes_on_talking : {false, true}) {
    WebSocketClient client(served.address(), "/hasty");
    CHECK(app.heard.next() == "open /hasty");
    app.last->close(CloseCode::normal, "done");
    CHECK(client.receive_close() == 1000);
    if (goes_on_talking) {
      const std::string text = client_frame(Opcode::text, "more");
      while (test::send_until_lost(client.socket, text)) {
      }
    }
    CHECK(client.socket.is_ended());
    CHECK(app.heard.next() == "1006 ");
  }
}

TEST_CASE("a stop says Close to everybody", "[server][websocket][drain]") {
  App app;
  Served served(app.services());
  WebSocketClient client(served.address(), "/echo");
  CHECK(client.ask("x") == "x");
  CHECK(app.heard.next() == "open /echo");
  served.server().stop();
  CHECK(client.receive_close() == 1001);
  client.socket.send(client_close(1001));
  CHECK(client.socket.receive_all().empty());
  CHECK(app.heard.next() == "1001 ");
  CHECK(served.wait());
}

TEST_CASE("a server that ends tells of every socket", "[server][websocket][drain]") {
  App app;
  {
    Served served(app.services());
    WebSocketClient client(served.address(), "/echo");
    CHECK(app.heard.next() == "open /echo");
    served.server().stop();
    CHECK(client.receive_close() == 1001);
    served.server().stop();
    CHECK(served.wait());
  }
  CHECK(app.heard.next() == "1006 ");
  CHECK(app.last->send_text("late") == Sent::closed);
}

}  // namespace
}  // namespace seabag::server
