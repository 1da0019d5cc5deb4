// Streams of events, and functions around handlers.
#include "seabag/server/event_stream.h"

#include <stdexcept>
#include <string>

#include "http2_client.h"
#include "kept_replies.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using http::Method;
using test::FixedAssets;
using test::Handed;
using test::Http2Client;
using test::Loopback;
using test::Served;

TEST_CASE("events are written as browsers read them", "[server][events]") {
  CHECK(render_event({.data = "hello"}) == "data: hello\n\n");
  CHECK(render_event({.data = ""}) == "data: \n\n");
  CHECK(render_event({.data = "a\nb\r\nc\rd\n"}) ==
        "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  CHECK(render_event(
            {.data = "x", .event = "tick", .id = "7", .retry = std::chrono::milliseconds(1'500)}) ==
        "event: tick\nid: 7\nretry: 1500\ndata: x\n\n");
  CHECK(render_event({.data = "x", .event = "a\nb", .id = std::string("1\r\n2\0003", 6)}) ==
        "event: ab\nid: 123\ndata: x\n\n");
}

class App {
 public:
  App() {
    assets_.add("/index.html", "<home>");
    add("/events", [this](const Request& request, const Reply& reply) {
      streams.put(EventStream(request, reply, std::chrono::milliseconds(20)));
    });
  }
  void add(const char* path, AnyHandler handler, const RouteOptions& options = {}) {
    REQUIRE(router.add(Method::get, path, std::move(handler), options));
  }
  [[nodiscard]] Services services() const { return {.assets = &assets_, .router = &router}; }

  Handed<EventStream> streams;
  Router router;

 private:
  FixedAssets assets_;
};

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n";
}

std::string receive_until(Loopback& client, const std::string& end) {
  std::string received;
  while (received.find(end) == std::string::npos) {
    const std::string byte = client.receive(1);
    REQUIRE_FALSE(byte.empty());
    received += byte;
  }
  return received;
}

TEST_CASE("a client hears events, and that the stream is alive", "[server][events]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/events", "Last-Event-ID: 41\r\n"));
  const EventStream stream = app.streams.take();
  CHECK(stream.last_event_id() == "41");
  const std::string head = receive_until(client, "\r\n\r\n");
  CHECK(head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(head.find("Cache-Control: no-store\r\n") != std::string::npos);
  receive_until(client, ":\n\n");
  CHECK(stream.send({.data = "now", .id = "42"}) == Flow::taken);
  receive_until(client, "id: 42\ndata: now\n\n");
  CHECK(stream.comment("bye") == Flow::taken);
  receive_until(client, ": bye\n\n");
  test::Signal closed;
  stream.reply().on_closed([&closed] { closed.set(); });
  client.abort();
  closed.wait();
  CHECK(stream.send({.data = "late"}) == Flow::closed);
  Http2Client modern(served.address());
  modern.socket.send(test::get_frame(1, "/events"));
  const EventStream second = app.streams.take();
  CHECK(second.send({.data = "two"}) == Flow::taken);
  std::string received;
  while (received.find("data: two\n\n") == std::string::npos) {
    received += modern.receive_until(http2::FrameType::data).payload;
  }
}

TEST_CASE("streams of events end when the server stops", "[server][events][drain]") {
  App app;
  Limits limits;
  limits.drain_time = 3'600'000;
  Served served(app.services(), {.limits = limits});
  Loopback client(served.address());
  client.send(get("/events"));
  const EventStream stream = app.streams.take();
  CHECK(stream.send({.data = "last"}) == Flow::taken);
  Http2Client modern(served.address());
  modern.socket.send(test::get_frame(1, "/events"));
  const EventStream second = app.streams.take();
  receive_until(client, "data: last\n\n");
  served.server().stop();
  CHECK(client.receive_all().ends_with("0\r\n\r\n"));
  test::Http2Reply ended;
  for (bool is_over = false; !is_over;) {
    const test::Frame frame = modern.receive_frame();
    is_over = frame.header.stream == 1 && modern.add(frame, ended);
  }
  CHECK_FALSE(ended.reset);
  CHECK(stream.send({.data = "late"}) == Flow::closed);
  CHECK(served.wait());
}

TEST_CASE("middleware runs in its order, and back", "[server][middleware]") {
  App app;
  for (const char* name : {"a", "b"}) {
    app.router.use({.before = [name](const Request& request) -> std::optional<Response> {
                      if (request.query_value("stop") == name) {
                        return Response{.status = http::Status::unauthorized, .body = name};
                      }
                      if (request.query_value("throw") == name) {
                        throw std::runtime_error("in middleware");
                      }
                      return std::nullopt;
                    },
                    .after =
                        [name](const Request& request, Response& response) {
                          if (!response.fields.empty() && response.fields[0].first == "X-Way") {
                            response.fields[0].second += name;
                          } else {
                            response.fields.emplace(response.fields.begin(), "X-Way",
                                                    std::string(request.path()) + " " + name);
                          }
                        }});
  }
  app.add("/whole", [](const Request&) { return Response::text("whole"); });
  app.add("/later",
          [](const Request&, const Reply& reply) { reply.send(Response::text("later")); });
  app.add("/blocking", [](const Request&) { return Response::text("blocking"); },
          {.blocking = Blocking{}});
  REQUIRE(app.router.add(Method::post, "/content", [](const Request& request) {
    return Response::text(std::string(request.body()));
  }));
  Served served(app.services());
  Loopback client(served.address());
  for (const std::string path : {"/whole", "/later", "/blocking"}) {
    const test::Reply reply = client.ask(get(path));
    CHECK("/" + reply.body == path);
    CHECK(reply.field("X-Way") == path + " ba");
    const test::Reply stopped = client.ask(get(path + "?stop=b"));
    CHECK(stopped.status == 401);
    CHECK(stopped.body == "b");
    CHECK(stopped.field("X-Way") == path + " ba");
    CHECK(client.ask(get(path + "?throw=a")).status == 500);
  }
  const std::string head = "POST /content?stop=a HTTP/1.1\r\nHost: app\r\nContent-Length: ";
  CHECK(Loopback(served.address()).ask(head + "100\r\n\r\n").status == 401);
  client.send("POST /content HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n");
  client.send("body");
  CHECK(client.receive_reply().body == "body");
  CHECK_FALSE(client.ask(get("/")).field("X-Way"));
}

}  // namespace
}  // namespace seabag::server
