#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "http2_client.h"
#include "seabag/server/handler.h"
#include "seabag/server/websocket.h"
#include "served.h"
#include "support/websocket_frames.h"

namespace seabag::server {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using test::data_frame;
using test::Fields;
using test::FixedAssets;
using test::Http2Client;
using test::Http2Reply;
using test::Served;
using websocket::Opcode;

Fields connect_fields(const std::string& path, const std::string& protocol = "websocket") {
  return {{":method", "CONNECT"},        {":protocol", protocol}, {":scheme", "http"},
          {":authority", "app.example"}, {":path", path},         {"sec-websocket-version", "13"}};
}

std::string connect_frame(std::uint32_t stream, const Fields& fields) {
  return test::make_frame(FrameType::headers, http2::kEndHeaders, stream, test::block_of(fields));
}

struct EchoApp {
  EchoApp() {
    assets.add("/index.html", "<home>");
    REQUIRE(add_websocket(
        router, "/echo",
        {.on_message =
             [](const Socket& socket, const SocketMessage& message) {
               socket.send_text(std::string(message.payload));
             },
         .on_close = [this](const Socket&,
                            const SocketEnd& end) { last_end = static_cast<int>(end.code); }},
        {.protocols = {"v1"}}));
  }
  [[nodiscard]] Services services() const { return {.assets = &assets, .router = &router}; }

  FixedAssets assets;
  Router router;
  std::atomic<int> last_end = 0;
};

/// A WebSocket on one stream.
class StreamSocket {
 public:
  StreamSocket(Http2Client& client, std::uint32_t stream, const Fields& more = {})
      : client_(client), stream_(stream) {
    Fields fields = connect_fields("/echo");
    fields.insert(fields.end(), more.begin(), more.end());
    client_.socket.send(connect_frame(stream, fields));
    while (reply.status.empty()) {
      const test::Frame frame = client_.receive_frame();
      if (frame.header.stream == stream_) {
        REQUIRE_FALSE(client_.add(frame, reply));
      }
    }
    REQUIRE(reply.status == "200");
  }

  void send(std::string_view bytes) { client_.socket.send(data_frame(stream_, bytes)); }
  test::ServerFrame receive() {
    while (true) {
      if (auto frame = test::take_server_frame(reply.body)) {
        return *frame;
      }
      REQUIRE_FALSE(has_ended);
      const test::Frame frame = client_.receive_frame();
      if (frame.header.stream == stream_) {
        has_ended = client_.add(frame, reply);
      }
    }
  }
  void await_end() {
    while (!has_ended) {
      const test::Frame frame = client_.receive_frame();
      has_ended = frame.header.stream == stream_ && client_.add(frame, reply);
    }
  }

  Http2Reply reply;
  bool has_ended = false;

 private:
  Http2Client& client_;
  std::uint32_t stream_;
};

TEST_CASE("a WebSocket is a stream of HTTP/2", "[server][websocket][http2]") {
  EchoApp app;
  Served served(app.services());
  Http2Client client(served.address());
  StreamSocket one(client, 1, {{"sec-websocket-protocol", "v2, v1"}});
  CHECK(one.reply.field("sec-websocket-protocol") == "v1");
  CHECK(one.reply.field("sec-websocket-accept") == "-");
  CHECK(one.reply.field("upgrade") == "-");
  StreamSocket two(client, 3);
  // Frames that are cut anywhere, on two streams, with a request between them.
  const std::string text = test::client_frame(Opcode::text, "over HTTP/2");
  for (const char byte : text) {
    one.send({&byte, 1});
    two.send({&byte, 1});
  }
  CHECK(one.receive().payload == "over HTTP/2");
  CHECK(two.receive().payload == "over HTTP/2");
  CHECK(client.ask(5, "/").body == "<home>");
  const std::string large(40'000, 'l');
  const std::string bytes = test::client_frame(Opcode::text, large);
  for (std::size_t at = 0; at < bytes.size(); at += http2::kFrameSize) {
    two.send(std::string_view(bytes).substr(at, http2::kFrameSize));
  }
  CHECK((two.receive().payload == large));
  one.send(test::client_close(1000));
  CHECK(one.receive().code() == 1000);
  one.await_end();
  CHECK_FALSE(one.reply.reset.value_or(ErrorCode::no_error) != ErrorCode::no_error);
  two.send("\x81\x01x");
  CHECK(two.receive().code() == 1002);
  two.await_end();
  CHECK(client.ask(7, "/").body == "<home>");
}

TEST_CASE("extended CONNECTs that open nothing", "[server][websocket][http2]") {
  EchoApp app;
  Served served(app.services());
  Http2Client client(served.address());
  auto status = [&, stream = 1U](const Fields& fields) mutable {
    client.socket.send(connect_frame(stream, fields));
    const Http2Reply reply = client.receive_reply(stream);
    stream += 2;
    return reply.status;
  };
  Fields old = connect_fields("/echo");
  old.back().second = "8";
  CHECK(status(old) == "400");
  Fields evil = connect_fields("/echo");
  evil.emplace_back("origin", "https://evil.example");
  CHECK(status(evil) == "403");
  CHECK(status(connect_fields("/none")).starts_with('4'));
  CHECK(status(connect_fields("/echo", "raw")).starts_with('4'));
}

TEST_CASE("extended CONNECT is offered only where there is something to connect to",
          "[server][websocket][http2]") {
  const auto offers = [](const Services& services) {
    Served served(services);
    Http2Client client(served.address());
    const test::Frame settings = client.receive_until(FrameType::settings);
    return settings.payload.find(test::setting(http2::Setting::enable_connect_protocol, 1)) !=
           std::string::npos;
  };
  EchoApp app;
  CHECK(offers(app.services()));
  CHECK_FALSE(offers({.assets = &app.assets}));
}

TEST_CASE("a stream that is reset, and a connection that is lost, are told of",
          "[server][websocket][http2]") {
  EchoApp app;
  Served served(app.services());
  const auto await_end = [&] {
    while (app.last_end == 0) {
      std::this_thread::yield();
    }
    CHECK(app.last_end.exchange(0) == 1006);
  };
  Http2Client client(served.address());
  const StreamSocket one(client, 1);
  client.socket.send(test::make_frame(FrameType::rst_stream, 0, 1,
                                      test::number(static_cast<std::uint32_t>(ErrorCode::cancel))));
  await_end();
  const StreamSocket two(client, 3);
  client.socket.abort();
  await_end();
}

TEST_CASE("a stop says Close on streams, too", "[server][websocket][http2][drain]") {
  EchoApp app;
  Served served(app.services());
  Http2Client client(served.address());
  StreamSocket socket(client, 1);
  served.server().stop();
  CHECK(socket.receive().code() == 1001);
  socket.send(test::client_close(1001));
  CHECK(served.wait());
  CHECK(app.last_end == 1001);
}

}  // namespace
}  // namespace seabag::server
