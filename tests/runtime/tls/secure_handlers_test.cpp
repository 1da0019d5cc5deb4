// Handlers that take and give content in parts, or block, over TLS: in HTTP/1.1 and in HTTP/2.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "../server/http2_client.h"
#include "../server/kept_replies.h"
#include "../server/served.h"
#include "files.h"
#include "seabag/server/event_stream.h"
#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "secure_client.h"

namespace seabag {
namespace {

using http::Method;
using server::Blocking;
using server::EventStream;
using server::Reply;
using server::Request;
using server::Response;
using server::Upload;
using server::UploadEnd;
using test::Frame;
using test::Handed;
using test::Http2Reply;
using test::make_frame;
using test::SecureClient;

using SecureHttp2Client = test::BasicHttp2Client<SecureClient>;

constexpr int kParts = 200;
constexpr std::size_t kPart = 10'000;
constexpr std::size_t kAll = kParts * kPart;
/// What a client may send on a stream of HTTP/2 without having been given more.
constexpr std::size_t kWindow = 65'535;

/// An app with a certificate of its own.
class SecuredApp {
 public:
  SecuredApp() {
    add(Method::get, "/flood", [](const Request&, const Reply& reply) { flood(reply); });
    add(Method::post, "/size", [](const Request&, const Upload& upload, const Reply& reply) {
      auto size = std::make_shared<std::size_t>(0);
      upload.on_part([size](std::string_view part) { *size += part.size(); });
      upload.on_end([size, reply](UploadEnd end) {
        if (end == UploadEnd::complete) {
          reply.send(Response::text(std::to_string(*size)));
        }
      });
    });
    add(Method::get, "/events", [this](const Request& request, const Reply& reply) {
      streams.put(EventStream(request, reply));
    });
    add(Method::get, "/slow/flood",
        [](const Request&, const Reply& reply) {
          reply.begin(Response::text({}));
          for (int i = 0; i < kParts; ++i) {
            reply.write_waiting(std::string(kPart, 's'));
          }
          reply.finish();
        },
        {.blocking = Blocking{}});
    add(Method::post, "/slow/size",
        [](const Request&, const Upload& upload, const Reply& reply) {
          std::size_t size = 0;
          while (const auto part = upload.read()) {
            size += part->size();
          }
          reply.send(Response::text(std::to_string(size)));
        },
        {.blocking = Blocking{}});
    add(Method::post, "/held",
        [this](const Request&) {
          arrived.put(true);
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [this] { return is_open_; });
          return Response::text("passed");
        },
        {.blocking = Blocking{.lane = "held", .concurrency = 1, .queue = 1}});
    context_ = test::load(std::make_shared<test::Files>(), {});
    channels_ = context_->make_source();
    served_.emplace(server::Services{.router = &router_}, server::ServerOptions{}, "127.0.0.1:0",
                    server::Entrance{.channels = channels_.get()});
  }
  SecuredApp(const SecuredApp&) = delete;
  SecuredApp& operator=(const SecuredApp&) = delete;
  ~SecuredApp() { open(); }

  /// Lets the handler of /held go on.
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] SecureClient connect(const std::string& protocol) {
    SecureClient client(served_->address(), {.protocols = {protocol}});
    REQUIRE(client.connect());
    REQUIRE(client.protocol() == protocol);
    return client;
  }
  [[nodiscard]] SecureClient http1() { return connect("http/1.1"); }
  [[nodiscard]] SecureHttp2Client http2() { return SecureHttp2Client(connect("h2")); }

  [[nodiscard]] server::Server& server() { return served_->server(); }

  Handed<EventStream> streams;
  Handed<bool> arrived;  ///< at /held

 private:
  void add(Method method, const char* pattern, server::AnyHandler handler,
           const server::RouteOptions& options = {}) {
    REQUIRE(router_.add(method, pattern, std::move(handler), options));
  }

  static void flood(const Reply& reply) {
    reply.begin(Response::text({}));
    auto left = std::make_shared<int>(kParts);
    const auto go_on = [reply, left] {
      while (*left > 0 && reply.write(std::string(kPart, 'f')) == server::Flow::taken) {
        --*left;
      }
      if (*left == 0) {
        reply.finish();
      }
    };
    reply.on_drained(go_on);
    go_on();
  }

  server::Router router_;
  std::unique_ptr<tls::Context> context_;
  std::unique_ptr<net::ChannelSource> channels_;
  std::optional<test::Served> served_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
}

std::string post_head(const std::string& path, std::size_t length) {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n";
}

/// The content of an answer in chunks that has come whole.
std::string dechunk(const std::string& answer) {
  std::size_t at = answer.find("\r\n\r\n") + 4;
  std::string content;
  while (true) {
    const std::size_t size = std::stoul(answer.substr(at, 8), nullptr, 16);
    at = answer.find("\r\n", at) + 2;
    REQUIRE(at + size + 2 <= answer.size());
    if (size == 0) {
      return content;
    }
    content += answer.substr(at, size);
    at += size + 2;
  }
}

/// Sends content as the windows of the server allow.
Http2Reply post(SecureHttp2Client& client, const std::string& path, std::size_t size) {
  client.socket.send(test::post_frame(1, path));
  std::size_t stream_window = kWindow;
  std::size_t window = kWindow;
  Http2Reply reply;
  while (true) {
    while (size > 0 && window > 0 && stream_window > 0) {
      const std::size_t part = std::min({size, window, stream_window, std::size_t{16'384}});
      size -= part;
      window -= part;
      stream_window -= part;
      client.socket.send(make_frame(http2::FrameType::data, size == 0 ? http2::kEndStream : 0, 1,
                                    std::string(part, 'u')));
    }
    const Frame frame = client.receive_frame();
    if (frame.is(http2::FrameType::window_update)) {
      std::size_t increment = 0;
      for (const char byte : frame.payload) {
        increment = increment << 8U | static_cast<unsigned char>(byte);
      }
      (frame.header.stream == 0 ? window : stream_window) += increment;
    } else if (frame.header.stream == 1 && client.add(frame, reply)) {
      return reply;
    }
  }
}

}  // namespace

TEST_CASE("answers in parts arrive whole over TLS", "[tls][server][reply]") {
  SecuredApp app;
  for (const char* path : {"/flood", "/slow/flood"}) {
    SecureClient client = app.http1();
    client.send(get(path));
    CHECK(dechunk(client.receive_all()).size() == kAll);
    CHECK(client.has_goodbye());
    SecureHttp2Client modern = app.http2();
    const Http2Reply reply = modern.ask(1, path);
    CHECK(reply.status == "200");
    CHECK(reply.body.size() == kAll);
    CHECK_FALSE(reply.reset);
  }
}

TEST_CASE("content in parts arrives whole over TLS", "[tls][server][upload]") {
  SecuredApp app;
  constexpr std::size_t kSize = 700'000;
  for (const char* path : {"/size", "/slow/size"}) {
    SecureClient client = app.http1();
    CHECK(client.ask(post_head(path, kSize) + std::string(kSize, 'u')).ends_with("\r\n700000"));
    CHECK(client.ask(post_head(path, 3) + "abc").ends_with("\r\n3"));
    SecureHttp2Client modern = app.http2();
    CHECK(post(modern, path, kSize).body == "700000");
  }
}

TEST_CASE("a full queue says no over TLS before the content comes", "[tls][server][blocking]") {
  SecuredApp app;
  SecureClient running = app.http1();
  running.send("POST /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  app.arrived.take();
  SecureClient waiting = app.http1();
  waiting.send(post_head("/held", 0));
  // The handshake of this one takes turns of the loop, so the other one is in the queue by then.
  SecureHttp2Client modern = app.http2();
  modern.socket.send(test::post_frame(1, "/held"));
  const Http2Reply refused = modern.receive_reply(1);
  CHECK(refused.status == "503");
  CHECK(refused.field("x-overload") == "lane=\"held\"; limit=queue");
  SecureClient late = app.http1();
  const std::string answer = late.ask(post_head("/held", 1'000'000));
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  app.open();
  CHECK(running.receive_all().ends_with("passed"));
}

TEST_CASE("events come over TLS as they are sent, and end with the server",
          "[tls][server][events]") {
  SecuredApp app;
  SecureClient client = app.http1();
  client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  const EventStream first = app.streams.take();
  SecureHttp2Client modern = app.http2();
  modern.socket.send(test::get_frame(1, "/events"));
  const EventStream second = app.streams.take();
  for (const EventStream& stream : {first, second}) {
    CHECK(stream.send({.data = "now"}) == server::Flow::taken);
  }
  std::string text;
  while (text.find("data: now\n\n") == std::string::npos) {
    const std::string record = client.receive_record();
    REQUIRE_FALSE(record.empty());
    text += record;
  }
  CHECK(modern.receive_until(http2::FrameType::data).payload == "data: now\n\n");
  app.server().stop();
  CHECK(client.receive_all().ends_with("0\r\n\r\n"));
  Http2Reply reply;
  for (bool is_over = false; !is_over;) {
    const Frame frame = modern.receive_frame();
    is_over = frame.header.stream == 1 && modern.add(frame, reply);
  }
  CHECK_FALSE(reply.reset);
}

}  // namespace seabag
