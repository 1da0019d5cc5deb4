#include <atomic>
#include <thread>

#include "seabag/server/handler.h"
#include "seabag/server/websocket.h"
#include "served.h"
#include "support/websocket_client.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Served;
using test::WebSocketClient;
using websocket::CloseCode;
using websocket::Message;
using websocket::Opcode;

/// An app that only sends, from any thread.
struct Sender {
  explicit Sender(SocketOptions options = {}) {
    SocketHandlers handlers{
        .on_open = [this](const Socket& socket, const Request&) { group.add(socket); },
        .on_close =
            [this](const Socket& socket, const SocketEnd& end) {
              group.remove(socket);
              last_end = static_cast<int>(end.code);
              ++ends;
            }};
    REQUIRE(add_websocket(router, "/feed", std::move(handlers), std::move(options)));
  }
  /// Waits until so many are there.
  void await(std::size_t count) const {
    while (group.size() != count) {
      std::this_thread::yield();
    }
  }
  [[nodiscard]] Services services() const { return {.assets = &assets, .router = &router}; }

  FixedAssets assets;
  Router router;
  SocketGroup group;
  std::atomic<int> last_end = 0;
  std::atomic<int> ends = 0;
};

TEST_CASE("a message goes to everybody, from any thread", "[server][websocket][threads]") {
  constexpr int kClients = 20;
  constexpr int kThreads = 4;
  constexpr int kMessages = 50;
  Sender app;
  Served served(app.services());
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    const char* const offer = i % 2 == 0 ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
    clients.push_back(std::make_unique<WebSocketClient>(served.address(), "/feed", offer));
  }
  app.await(kClients);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&app, thread] {
      for (int i = 0; i < kMessages; ++i) {
        app.group.send(Message::binary(std::to_string(thread) + ":" + std::to_string(i)));
      }
    });
  }
  for (const auto& client : clients) {
    std::vector<int> next(kThreads, 0);
    for (int i = 0; i < kThreads * kMessages; ++i) {
      const std::string payload = client->receive(Opcode::binary);
      const auto thread = static_cast<std::size_t>(payload.at(0) - '0');
      CHECK(payload.substr(2) == std::to_string(next.at(thread)++));
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  clients.clear();
  app.await(0);
}

TEST_CASE("clients come and go while messages are sent", "[server][websocket][threads]") {
  Sender app;
  Served served(app.services());
  std::atomic<bool> is_done = false;
  std::thread sender([&] {
    while (!is_done) {
      app.group.send(Message::binary("tick"));
      std::this_thread::yield();
    }
  });
  for (int round = 0; round < 30; ++round) {
    WebSocketClient one(served.address(), "/feed");
    WebSocketClient two(served.address(), "/feed");
    CHECK(one.receive(Opcode::binary) == "tick");
    CHECK(two.receive(Opcode::binary) == "tick");
    if (round % 2 == 0) {
      one.socket.abort();
    }
  }
  is_done = true;
  sender.join();
  while (app.ends != 60) {
    std::this_thread::yield();
  }
}

TEST_CASE("a slow client misses nothing until too much waits", "[server][websocket]") {
  Sender app({.buffered = 30'000'000});
  Served served(app.services());
  WebSocketClient client(served.address(), "/feed", {}, 4096);
  app.await(1);
  const auto message = Message::binary(std::string(1'000'000, 'm'));
  for (int i = 0; i < 20; ++i) {
    app.group.send(message);
  }
  for (int i = 0; i < 20; ++i) {
    CHECK((client.receive(Opcode::binary) == message->payload()));
  }
  client.close();
}

TEST_CASE("a client for whom too much waits is closed with 1013", "[server][websocket]") {
  Sender app({.buffered = 1'000'000});
  Served served(app.services());
  WebSocketClient client(served.address(), "/feed", {}, 4096);
  app.await(1);
  const auto message = Message::binary(std::string(100'000, 'm'));
  while (app.group.size() == 1) {
    app.group.send(message);
  }
  int messages = 0;
  auto frame = client.receive();
  for (; frame && frame->opcode == Opcode::binary; frame = client.receive()) {
    CHECK(frame->payload.size() == 100'000);
    ++messages;
  }
  REQUIRE(frame);
  CHECK(frame->code() == 1013);
  client.socket.send(test::client_close(1013));
  CHECK(client.socket.is_ended());
  while (app.ends != 1) {
    std::this_thread::yield();
  }
  CHECK(app.last_end == 1013);
  CHECK(messages > 0);
}

TEST_CASE("or messages are dropped", "[server][websocket]") {
  Sender app({.buffered = 1'000'000, .overflow = Overflow::drop});
  Socket* found = nullptr;
  std::optional<Socket> socket;
  FixedAssets assets;
  Router router;
  std::atomic<bool> is_open = false;
  REQUIRE(add_websocket(router, "/drop",
                        {.on_open =
                             [&](const Socket& one, const Request&) {
                               socket = one;
                               found = &*socket;
                               is_open = true;
                             }},
                        {.buffered = 1'000'000, .overflow = Overflow::drop}));
  Served served({.assets = &assets, .router = &router});
  WebSocketClient client(served.address(), "/drop", {}, 4096);
  while (!is_open) {
    std::this_thread::yield();
  }
  int queued = 0;
  while (found->send_binary(std::string(100'000, 'm')) == Sent::queued) {
    ++queued;
  }
  CHECK(found->is_open());
  CHECK(found->buffered() <= 1'000'000);
  for (int i = 0; i < queued; ++i) {
    CHECK(client.receive(Opcode::binary).size() == 100'000);
  }
  while (found->buffered() > 0) {
    std::this_thread::yield();
  }
  CHECK(found->send_text("again") == Sent::queued);
  CHECK(client.receive_text() == "again");
  CHECK(found->send_text("\xff") == Sent::malformed);
  client.close();
}

TEST_CASE("a client that does not read is not read", "[server][websocket]") {
  FixedAssets assets;
  Router router;
  std::atomic<std::size_t> most = 0;
  REQUIRE(add_websocket(router, "/echo",
                        {.on_message = [&](const Socket& socket, const SocketMessage& message) {
                          socket.send_binary(std::string(message.payload));
                          most = std::max(most.load(), socket.buffered());
                        }}));
  Served served({.assets = &assets, .router = &router});
  WebSocketClient client(served.address(), "/echo", {}, 4096);
  const std::string message = test::client_frame(Opcode::binary, std::string(10'000, 'e'));
  constexpr int kMessages = 3000;
  std::thread sender([&] {
    for (int i = 0; i < kMessages; ++i) {
      (void)test::send_until_lost(client.socket, message);
    }
  });
  for (int i = 0; i < kMessages; ++i) {
    CHECK(client.receive(Opcode::binary).size() == 10'000);
  }
  sender.join();
  // What one read brings is answered, and then nothing more is read.
  CHECK(most < 400'000);
  client.close();
}

}  // namespace
}  // namespace seabag::server
