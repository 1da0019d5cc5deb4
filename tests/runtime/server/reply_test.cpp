// Answers that are given later than their handlers return, over HTTP/1.1 and HTTP/2.
#include "seabag/server/reply.h"

#include <sys/socket.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "http2_client.h"
#include "kept_replies.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using http::Method;
using test::FixedAssets;
using test::Frame;
using test::get_frame;
using test::Handed;
using test::Http2Client;
using test::Http2Reply;
using test::Loopback;
using test::make_frame;
using test::ReplyBody;
using test::Served;
using test::Signal;

/// An app whose replies the test gives.
class App {
 public:
  App() {
    assets_.add("/index.html", "<home>");
    add(Method::get, "/later", [this](const Request&, const Reply& reply) { replies.put(reply); });
    add(Method::post, "/echo", [](const Request& request, const Reply& reply) {
      reply.send(Response::text(std::string(request.body())));
    });
    add(Method::get, "/forgotten", [](const Request&, const Reply&) {});
    add(Method::get, "/thrown",
        [](const Request&, const Reply&) { throw std::runtime_error("no database"); });
    add(Method::get, "/thrown/late", [](const Request&, const Reply& reply) {
      reply.begin(Response::text("begun"));
      throw std::runtime_error("no more of it");
    });
    add(Method::get, "/parts", [](const Request&, const Reply& reply) {
      reply.begin(Response::text("one,"));
      reply.write("two,");
      reply.write("three");
      reply.finish();
    });
    add(Method::get, "/flood", [](const Request&, const Reply& reply) {
      reply.begin(Response::text({}));
      auto left = std::make_shared<int>(kFloodParts);
      const auto go_on = [reply, left] {
        while (*left > 0 && reply.write(std::string(kFloodPart, 'f')) == Flow::taken) {
          --*left;
        }
        if (*left == 0) {
          reply.finish();
        }
      };
      reply.on_drained(go_on);
      go_on();
    });
  }

  [[nodiscard]] Services services() const { return {.assets = &assets_, .router = &router_}; }

  static constexpr int kFloodParts = 300;
  static constexpr std::size_t kFloodPart = 10'000;

  Handed<Reply> replies;

 private:
  void add(Method method, const char* pattern, LaterHandler handler) {
    REQUIRE(router_.add(method, pattern, std::move(handler)));
  }

  FixedAssets assets_;
  Router router_;
};

std::string get(const std::string& path, const std::string& version = "1.1") {
  return "GET " + path + " HTTP/" + version + "\r\nHost: app\r\n\r\n";
}

TEST_CASE("a request is answered from another thread, later", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/later"));
  CHECK(app.replies.take().send(Response::text("at last")) == Flow::taken);
  const test::Reply reply = client.receive_reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == "at last");
  CHECK(reply.field("Content-Length") == "7");
  client.send(get("/later"));
  const Reply second = app.replies.take();
  second.send(Response::text("again"));
  CHECK(client.receive_reply().body == "again");
  CHECK(second.send(Response::text("twice")) == Flow::closed);
}

TEST_CASE("pipelined requests are answered in their order", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/later") + get("/") + get("/later") + get("/parts"));
  app.replies.take().send(Response::text("first"));
  CHECK(client.receive_reply().body == "first");
  CHECK(client.receive_reply().body == "<home>");
  app.replies.take().send(Response::text("third"));
  CHECK(client.receive_reply().body == "third");
  CHECK(client.receive_reply().body == "one,two,three");
}

TEST_CASE("streams are answered as their answers come", "[server][reply][http2]") {
  App app;
  Served served(app.services());
  Http2Client client(served.address());
  client.socket.send(get_frame(1, "/later") + get_frame(3, "/later"));
  const Reply first = app.replies.take();
  app.replies.take().send(Response::text("three"));
  CHECK(client.receive_reply(3).body == "three");
  CHECK(client.ask(5, "/").body == "<home>");
  first.begin(Response::text("o"));
  first.write("ne");
  first.finish();
  const Http2Reply reply = client.receive_reply(1);
  CHECK(reply.body == "one");
  CHECK(reply.field("content-length") == "-");
}

TEST_CASE("a handler may answer at once, with what the request said", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  const std::string post = "POST /echo HTTP/1.1\r\nHost: app\r\nContent-Length: 5\r\n\r\n";
  CHECK(client.ask(post + "hello").body == "hello");
  client.send(post);
  client.send("world");
  CHECK(client.receive_reply().body == "world");
  Http2Client other(served.address());
  other.socket.send(test::post_frame(1, "/echo") +
                    make_frame(http2::FrameType::data, http2::kEndStream, 1, "frames"));
  CHECK(other.receive_reply(1).body == "frames");
}

TEST_CASE("content in parts is chunked, or ended by the connection", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  const test::Reply chunked = client.ask(get("/parts"));
  CHECK(chunked.body == "one,two,three");
  CHECK(chunked.field("Transfer-Encoding") == "chunked");
  CHECK_FALSE(chunked.field("Content-Length"));
  client.send("HEAD /parts HTTP/1.1\r\nHost: app\r\n\r\n");
  CHECK(client.receive_reply(ReplyBody::none).field("Transfer-Encoding") == "chunked");
  CHECK(client.ask(get("/")).body == "<home>");
  Loopback old(served.address());
  const test::Reply closed = old.ask(get("/parts", "1.0"));
  CHECK(closed.body == "one,two,three");
  CHECK_FALSE(closed.field("Transfer-Encoding"));
  Http2Client modern(served.address());
  CHECK(modern.ask(1, "/parts").body == "one,two,three");
}

TEST_CASE("a handler that forgets its reply, or throws, is a 500", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(get("/forgotten")).status == 500);
  CHECK(client.ask(get("/thrown")).status == 500);
  CHECK(client.ask(get("/")).body == "<home>");
  Http2Client other(served.address());
  CHECK(other.ask(1, "/forgotten").status == "500");
  CHECK(other.ask(3, "/thrown").status == "500");
}

TEST_CASE("an answer that breaks off is never taken for a whole one", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/thrown/late"));
  const std::string answer = client.receive_all();
  CHECK(answer.find("begun\r\n") != std::string::npos);
  CHECK_FALSE(answer.ends_with("0\r\n\r\n"));
  Http2Client other(served.address());
  const Http2Reply reply = other.ask(1, "/thrown/late");
  CHECK(reply.reset == http2::ErrorCode::internal_error);
  CHECK(other.ask(3, "/").body == "<home>");

  Loopback old(served.address());
  old.send(get("/later", "1.0"));
  {
    const Reply kept = app.replies.take();
    kept.begin(Response::text("some"));
  }
  char byte = 0;
  ssize_t count = 1;
  while (count > 0) {
    count = recv(old.descriptor(), &byte, 1, 0);
  }
  CHECK(count < 0);  // a reset: the end alone would make it complete
}

TEST_CASE("a producer that waits for its client sends everything", "[server][reply]") {
  App app;
  Served served(app.services());
  const std::size_t size = App::kFloodParts * App::kFloodPart;
  Loopback client(served.address(), 4096);
  CHECK(client.ask(get("/flood")).body == std::string(size, 'f'));
  CHECK(client.ask(get("/")).body == "<home>");
  Http2Client other(served.address(), test::setting(http2::Setting::initial_window_size, 5'000));
  CHECK(other.ask(1, "/flood").body.size() == size);
}

TEST_CASE("a client that does not read stops its producer", "[server][reply]") {
  App app;
  Served served(app.services());
  for (const bool is_http2 : {false, true}) {
    CAPTURE(is_http2);
    std::optional<Loopback> client;
    std::optional<Http2Client> modern;
    if (is_http2) {
      modern.emplace(served.address());
      modern->socket.send(get_frame(1, "/later"));
    } else {
      client.emplace(served.address(), 4096);
      client->send(get("/later"));
    }
    const Reply reply = app.replies.take();
    Signal drained;
    Signal closed;
    reply.on_drained([&drained] { drained.set(); });
    reply.on_closed([&closed] { closed.set(); });
    reply.begin(Response::text({}));
    // What the kernel and the windows hold is bounded, and so is what waits here.
    const std::string part(50'000, 'p');
    std::size_t written = 0;
    bool is_stuck = false;
    while (!is_stuck) {
      const Flow flow = reply.write(part);
      REQUIRE(flow != Flow::closed);
      written += flow == Flow::taken ? part.size() : 0;
      REQUIRE(written < 100'000'000);
      is_stuck = flow == Flow::full && reply.write(part) == Flow::full && written > 100'000;
    }
    if (is_http2) {
      modern.reset();
    } else {
      client->abort();
    }
    closed.wait();
    CHECK(reply.is_closed());
    CHECK(reply.write(part) == Flow::closed);
  }
}

TEST_CASE("a thread of its own may wait for a slow client", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address(), 4096);
  client.send(get("/later"));
  const Reply reply = app.replies.take();
  std::atomic<int> taken = 0;
  std::thread writer([reply, &taken] {
    reply.begin(Response::text({}));
    for (int i = 0; i < 50; ++i) {
      taken += reply.write_waiting(std::string(40'000, 'w')) == Flow::taken ? 1 : 0;
    }
    reply.finish();
  });
  CHECK(client.receive_reply().body.size() == 2'000'000);
  writer.join();
  CHECK(taken == 50);
}

TEST_CASE("a client that goes is noticed, and what is said then is not missed", "[server][reply]") {
  App app;
  Served served(app.services());
  enum class Way { closed, reset, http2_closed, http2_reset };
  for (const Way way : {Way::closed, Way::reset, Way::http2_closed, Way::http2_reset}) {
    CAPTURE(static_cast<int>(way));
    std::optional<Loopback> client;
    std::optional<Http2Client> modern;
    if (way == Way::closed || way == Way::reset) {
      client.emplace(served.address());
      client->send(get("/later"));
    } else {
      modern.emplace(served.address());
      modern->socket.send(get_frame(1, "/later"));
    }
    const Reply reply = app.replies.take();
    Signal closed;
    reply.on_closed([&closed] { closed.set(); });
    reply.begin(Response::text("hello"));
    if (client) {
      CHECK(client->receive(8) == "HTTP/1.1");
    } else {
      CHECK(modern->receive_until(http2::FrameType::data).payload == "hello");
    }
    switch (way) {
      case Way::closed:
        client.reset();
        break;
      case Way::reset:
        client->abort();
        break;
      case Way::http2_closed:
        modern.reset();
        break;
      case Way::http2_reset:
        modern->socket.send(make_frame(http2::FrameType::rst_stream, 0, 1, test::number(8)));
        break;
    }
    closed.wait();
    CHECK(reply.write("more") == Flow::closed);
    reply.finish();
  }
}

TEST_CASE("a client that has only finished sending is still answered", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/later") + get("/"));
  client.finish_sending();
  const Reply reply = app.replies.take();
  reply.send(Response::text("yes"));
  CHECK(client.receive_reply().body == "yes");
  CHECK(client.receive_reply().body == "<home>");
  CHECK(client.is_ended());
}

TEST_CASE("a heartbeat shows that an answer is alive", "[server][reply]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/later"));
  const Reply reply = app.replies.take();
  reply.keep_alive(std::chrono::milliseconds(20), ":\n");
  reply.begin(Response::text("start"));
  std::string received;
  while (received.find(":\n\r\n2\r\n:\n") == std::string::npos) {
    received += client.receive(1);
  }
  CHECK(received.find("start") != std::string::npos);
}

TEST_CASE("replies outlive their server", "[server][reply]") {
  App app;
  std::optional<Reply> unanswered;
  std::optional<Reply> begun;
  Signal closed;
  {
    Served served(app.services());
    Loopback client(served.address());
    client.send(get("/later"));
    unanswered = app.replies.take();
    Http2Client other(served.address());
    other.socket.send(get_frame(1, "/later"));
    begun = app.replies.take();
    begun->begin(Response::text("x"));
    begun->on_closed([&closed] { closed.set(); });
  }
  closed.wait();
  CHECK(unanswered->send(Response::text("too late")) == Flow::closed);
  CHECK(begun->write("too late") == Flow::closed);
}

TEST_CASE("a drain waits for answers that are under way", "[server][reply][drain]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(get("/later"));
  Http2Client other(served.address());
  other.socket.send(get_frame(1, "/later"));
  const Reply first = app.replies.take();
  const Reply second = app.replies.take();
  served.server().stop();
  first.send(Response::text("done"));
  second.send(Response::text("done"));
  const test::Reply reply = client.receive_reply();
  CHECK(reply.body == "done");
  CHECK(client.is_ended());
  CHECK(other.receive_until(http2::FrameType::data).payload == "done");
  CHECK(served.wait());
}

}  // namespace
}  // namespace seabag::server
