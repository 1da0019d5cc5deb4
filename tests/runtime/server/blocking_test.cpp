// Handlers that block, their lanes, and what happens when those are full.
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "http2_client.h"
#include "kept_replies.h"
#include "seabag/server/lanes.h"
#include "seabag/server/router.h"
#include "seabag/server/vitals.h"
#include "served.h"

namespace seabag::server {
namespace {

using http::Method;
using namespace std::chrono_literals;
using test::FixedAssets;
using test::Http2Client;
using test::Loopback;
using test::make_frame;
using test::Served;
using test::Signal;

/// A gate at which handlers wait.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait_for(int arrived) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 20s, [&] { return arrived_ >= arrived; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool is_open_ = false;
};

class App {
 public:
  App() {
    assets_.add("/index.html", "<home>");
    add(Method::get, "/stuck/:name", {.lane = "stuck", .concurrency = 1, .queue = 1, .wait = 60s},
        [this](const Request& request) {
          gate.pass();
          return Response::text(std::string(request.param("name")));
        });
    add(Method::post, "/stuck", {.lane = "stuck"}, [this](const Request& request) {
      gate.pass();
      return Response::text(std::string(request.body()));
    });
    add(Method::get, "/impatient", {.concurrency = 1, .wait = 1s}, [this](const Request&) {
      gate.pass();
      return Response::text("done");
    });
    add(Method::get, "/timely", {.concurrency = 1, .wait = 60s, .deadline = 1ms},
        [this](const Request&) {
          ++timely;
          gate.pass();
          return Response::text("done");
        });
    add(Method::post, "/free/:name", {.limit = pool::LimitKind::adaptive},
        [](const Request& request) {
          return Response::text(std::string(request.param("name")) + " " +
                                request.query_value("q").value_or("-") + " " +
                                std::string(request.body()) + " " + std::string(request.client()));
        });
    add(Method::get, "/throws", {},
        [](const Request&) -> Response { throw std::runtime_error("no database"); });
    add(Method::get, "/download", {}, [](const Request&, const Reply& reply) {
      reply.begin(Response::text({}));
      for (int i = 0; i < 100 && reply.write_waiting(std::string(20'000, 'd')) == Flow::taken;
           ++i) {
      }
      reply.finish();
    });
    add(Method::post, "/upload", {}, [](const Request&, const Upload& upload, const Reply& reply) {
      std::size_t size = 0;
      while (const auto part = upload.read()) {
        size += part->size();
      }
      reply.send(Response::text(std::to_string(size) + (upload.is_broken() ? " broken" : "")));
    });
    lanes_.emplace(router_);
  }
  ~App() { gate.open(); }
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  [[nodiscard]] Services services() {
    return {.assets = &assets_, .router = &router_, .lanes = &*lanes_};
  }
  [[nodiscard]] const Lanes& lanes() const { return *lanes_; }

  Gate gate;
  std::atomic<int> timely = 0;

 private:
  void add(Method method, const char* pattern, const Blocking& blocking, AnyHandler handler) {
    REQUIRE(router_.add(method, pattern, std::move(handler), {.blocking = blocking}));
  }

  FixedAssets assets_;
  Router router_;
  std::optional<Lanes> lanes_;  // ends first: its threads call the handlers
};

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: app\r\n\r\n";
}

std::string post(const std::string& path, const std::string& content) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: app\r\nContent-Length: " + std::to_string(content.size()) +
         "\r\n\r\n" + content;
}

/// Fills the lane of /stuck: one that runs and one that waits.
struct Filled {
  explicit Filled(App& app, const Served& served)
      : running(served.address()), waiting(served.address()) {
    running.send(get("/stuck/one"));
    app.gate.wait_for(1);
    waiting.send(get("/stuck/two"));
    LaneVitals lane;
    for (const auto deadline = pool::Clock::now() + 20s; lane.waiting == 0;) {
      REQUIRE(pool::Clock::now() < deadline);
      std::this_thread::yield();
      app.lanes().publish({&lane, 1});
    }
  }
  Loopback running;
  Loopback waiting;
};

TEST_CASE("a blocking handler has the whole request", "[server][blocking]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(post("/free/me?q=x", "content")).body == "me x content 127.0.0.1");
  const std::string large(300'000, 'l');
  CHECK(client.ask(post("/free/you", large)).body == "you - " + large + " 127.0.0.1");
  CHECK(client.ask(get("/throws")).status == 500);
  CHECK(client.ask(get("/")).body == "<home>");
  Http2Client other(served.address());
  other.socket.send(test::post_frame(1, "/free/h2?q=y") +
                    make_frame(http2::FrameType::data, http2::kEndStream, 1, "frames"));
  CHECK(other.receive_reply(1).body == "h2 y frames 127.0.0.1");
}

TEST_CASE("pipelined requests for threads are answered in their order", "[server][blocking]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  std::string batch;
  for (int i = 0; i < 50; ++i) {
    batch += post("/free/" + std::to_string(i), "x");
  }
  client.send(batch);
  for (int i = 0; i < 50; ++i) {
    CHECK(client.receive_reply().body == std::to_string(i) + " - x 127.0.0.1");
  }
}

TEST_CASE("one lane that is stuck does not hold up others", "[server][blocking]") {
  App app;
  Served served(app.services());
  Filled filled(app, served);
  Loopback other(served.address());
  CHECK(other.ask(post("/free/other", "x")).status == 200);
  CHECK(other.ask(get("/")).body == "<home>");
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/free/h2") +
                     make_frame(http2::FrameType::data, http2::kEndStream, 1, "y"));
  CHECK(modern.receive_reply(1).status == "200");
  app.gate.open();
  CHECK(filled.running.receive_reply().body == "one");
  CHECK(filled.waiting.receive_reply().status == 200);
}

TEST_CASE("a full queue says no before the content comes", "[server][blocking]") {
  App app;
  Served served(app.services());
  Filled filled(app, served);
  Loopback client(served.address());
  const test::Reply reply = client.ask(
      "POST /stuck HTTP/1.1\r\nHost: app\r\nContent-Length: 100000\r\n"
      "Expect: 100-continue\r\n\r\n");
  CHECK(reply.status == 503);
  CHECK(reply.field("Retry-After") == "60");
  CHECK(reply.field("X-Overload") == "lane=\"stuck\"; limit=queue");
  CHECK(reply.field("Connection") == "close");
  CHECK(client.is_ended());
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/stuck"));
  const test::Http2Reply refused = modern.receive_reply(1);
  CHECK(refused.status == "503");
  CHECK(refused.field("x-overload") == "lane=\"stuck\"; limit=queue");
}

TEST_CASE("who waits too long is told", "[server][blocking]") {
  App app;
  Served served(app.services());
  Loopback first(served.address());
  first.send(get("/impatient"));
  app.gate.wait_for(1);
  Loopback second(served.address());
  const test::Reply reply = second.ask(get("/impatient"));
  CHECK(reply.status == 503);
  CHECK(reply.field("X-Overload") == "lane=\"GET /impatient\"; limit=wait");
  CHECK(second.ask(get("/")).body == "<home>");
  app.gate.open();
  CHECK(first.receive_reply().body == "done");
}

TEST_CASE("what comes too late for anybody is not begun", "[server][blocking]") {
  App app;
  Served served(app.services());
  // Until one has begun: on a slow machine the first ones may be late themselves.
  Loopback first(served.address());
  while (app.timely == 0) {
    first.send(get("/timely"));
    while (app.timely == 0) {
      std::string byte(1, '\0');
      if (recv(first.descriptor(), byte.data(), 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        CHECK(first.receive_reply().field("X-Overload") == "lane=\"GET /timely\"; limit=deadline");
        break;
      }
      std::this_thread::yield();
    }
  }
  Loopback second(served.address());
  second.send(get("/timely"));
  const auto sent = pool::Clock::now();
  while (pool::Clock::now() < sent + 20ms) {
    std::this_thread::yield();
  }
  app.gate.open();
  CHECK(first.receive_reply().body == "done");
  const test::Reply reply = second.receive_reply();
  CHECK(reply.status == 503);
  CHECK(reply.field("X-Overload") == "lane=\"GET /timely\"; limit=deadline");
  CHECK(app.timely == 1);
}

TEST_CASE("a client that is gone before its turn costs no thread", "[server][blocking]") {
  App app;
  Served served(app.services());
  Filled filled(app, served);
  filled.waiting.abort();
  Loopback other(served.address());
  CHECK(other.ask(get("/")).body == "<home>");
  app.gate.open();
  CHECK(filled.running.receive_reply().body == "one");
  // The thread that has answered still has to look at the one who is gone.
  test::Reply reply = other.ask(get("/stuck/again"));
  while (reply.status == 503) {
    reply = other.ask(get("/stuck/again"));
  }
  CHECK(reply.body == "again");
}

TEST_CASE("threads may wait for slow clients, both ways", "[server][blocking]") {
  App app;
  Served served(app.services());
  Loopback client(served.address(), 4096);
  CHECK(client.ask(get("/download")).body.size() == 2'000'000);
  const std::string content(800'000, 'u');
  CHECK(client.ask(post("/upload", content)).body == "800000");
  Http2Client modern(served.address());
  CHECK(modern.ask(1, "/download").body.size() == 2'000'000);
  Loopback gone(served.address());
  gone.send(get("/download"));
  gone.receive(100);
  gone.abort();
}

TEST_CASE("lanes show how they are", "[server][blocking]") {
  App app;
  Vitals vitals;
  std::array<LaneVitals, kShownLanes> shown;
  const auto is_waiting = [&shown](std::size_t lane, std::uint32_t count) {
    const auto deadline = pool::Clock::now() + 20s;
    while (shown[lane].waiting != count && pool::Clock::now() < deadline) {
      std::this_thread::yield();
    }
    return shown[lane].waiting == count;
  };
  Served served(app.services(), {.vitals = &vitals, .lane_vitals = shown});
  Filled filled(app, served);
  CHECK(is_waiting(0, 1));
  std::string name;
  for (const std::atomic<char>& letter : shown[0].name) {
    if (letter != '\0') {
      name += letter;
    }
  }
  CHECK(name == "stuck");
  CHECK(shown[0].running == 1);
  CHECK(shown[0].concurrency == 1);
  CHECK(shown[2].name[0] == 'G');
  app.gate.open();
  CHECK(filled.running.receive_reply().status == 200);
  CHECK(filled.waiting.receive_reply().status == 200);
  CHECK(is_waiting(0, 0));
}

}  // namespace
}  // namespace seabag::server
