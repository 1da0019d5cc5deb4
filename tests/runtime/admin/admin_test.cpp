#include "seabag/admin/admin.h"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runtime/server/served.h"
#include "seabag/admin/overview.h"

namespace seabag::admin {
namespace {

using server::LoopState;

workers::Scoreboard make_board() {
  auto board = workers::Scoreboard::create(2);
  REQUIRE(board);
  return std::move(*board);
}

/// As if two workers had served: one is this process, the other has gone.
void fill(const workers::Scoreboard& board) {
  workers::WorkerSlot& first = board.slots()[0];
  first.process = getpid();
  first.starts = 3;
  first.stalls = 1;
  first.started_at = 1'700'000'000'123;
  first.vitals.state = LoopState::serving;
  first.vitals.connections = 7;
  first.vitals.accepted = 70;
  first.vitals.requests = 700;
  first.vitals.bytes = 7'000'000'000;
  first.vitals.in_flight = 2;
  board.slots()[1].vitals.requests = 5;
}

Overview fixed_overview() {
  Overview overview{.version = "1.2.3", .time = 2'000, .started_at = 1'005};
  overview.workers.push_back({.process = 42,
                              .state = LoopState::serving,
                              .starts = 1,
                              .started_at = 1'010,
                              .since_turn = 7,
                              .resident_size = 4096,
                              .connections = 3,
                              .in_flight = 1,
                              .accepted = 9,
                              .requests = 100,
                              .bytes = 5000});
  overview.traffic = {.statuses = {0, 0, 90, 5, 5},
                      .encodings = {94, 0, 6, 0},
                      .http2_requests = 25,
                      .full_handshakes = 2,
                      .latency = {{{.longest = 2'047, .count = 100}}, 150'000}};
  overview.queues = {{.name = "a \"b\"\n", .refused = {0, 0, 3, 0}}};
  return overview;
}

struct AdminServer {
  AdminServer() {
    fill(board);
    REQUIRE(add_admin_routes(router, {.board = &board, .version = "1.2.3", .started_at = 1'000}));
    served = std::make_unique<test::Served>(server::Services{.assets = &assets, .router = &router});
  }

  test::Reply get(const std::string& path) const {
    test::Loopback client(served->address());
    return client.ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  workers::Scoreboard board = make_board();
  server::Router router;
  test::FixedAssets assets;
  std::unique_ptr<test::Served> served;
};

}  // namespace

TEST_CASE("an overview tells what the board does", "[admin]") {
  const workers::Scoreboard board = make_board();
  fill(board);
  const Overview overview = read_overview(board, "1.2.3", 5);
  CHECK(overview.version == "1.2.3");
  CHECK(overview.started_at == 5);
  CHECK(overview.time > 1'700'000'000'000);
  REQUIRE(overview.workers.size() == 2);
  const WorkerOverview& first = overview.workers[0];
  CHECK(first.process == getpid());
  CHECK(first.state == LoopState::serving);
  CHECK(first.starts == 3);
  CHECK(first.stalls == 1);
  CHECK(first.connections == 7);
  CHECK(first.requests == 700);
  CHECK(first.bytes == 7'000'000'000);
  CHECK(first.resident_size > 100'000);
  CHECK(overview.workers[1].resident_size == 0);
  CHECK(overview.workers[1].requests == 5);
}

TEST_CASE("queues of the same name are shown as one", "[admin]") {
  const workers::Scoreboard board = make_board();
  CHECK(read_overview(board, "1", 5).queues.empty());
  for (workers::WorkerSlot& slot : board.slots()) {
    server::LaneVitals& lane = slot.lanes[1];
    lane.name[0] = 'a';
    lane.waiting = 2;
    lane.refused[2] = 3;
    lane.waited = 4;
  }
  const Overview overview = read_overview(board, "1", 5);
  REQUIRE(overview.queues.size() == 1);
  CHECK(overview.queues[0].name == "a");
  CHECK(overview.queues[0].waiting == 4);
  CHECK(overview.queues[0].refused == std::array<std::uint64_t, 4>{0, 0, 6, 0});
  CHECK(overview.queues[0].waited == 8'000);
}

TEST_CASE("a server is ready while one serves and none drains", "[admin]") {
  Overview overview;
  CHECK_FALSE(overview.is_ready());
  overview.workers.resize(2);
  CHECK_FALSE(overview.is_ready());
  overview.workers[1].state = LoopState::serving;
  CHECK(overview.is_ready());
  overview.workers[0].state = LoopState::draining;
  CHECK_FALSE(overview.is_ready());
  overview.workers[0].state = LoopState::ended;
  CHECK(overview.is_ready());
}

TEST_CASE("metrics are in Prometheus' format", "[admin]") {
  const std::string text = metrics_text(fixed_overview());
  CHECK(
      text.starts_with("# HELP seabag_build_info Which version serves.\n"
                       "# TYPE seabag_build_info gauge\n"
                       "seabag_build_info{version=\"1.2.3\"} 1\n"));
  CHECK(text.find(
            "# TYPE seabag_requests_total counter\nseabag_requests_total{worker=\"0\"} 100\n") !=
        std::string::npos);
  CHECK(text.find("\nseabag_ready 1\n") != std::string::npos);
  CHECK(text.find("\nseabag_start_time_seconds 1.005\n") != std::string::npos);
  CHECK(text.find("\nseabag_worker_loop_age_seconds{worker=\"0\"} 0.007\n") != std::string::npos);
  CHECK(text.find("\nseabag_worker_resident_memory_bytes{worker=\"0\"} 4096\n") !=
        std::string::npos);
}

TEST_CASE("the status is JSON", "[admin]") {
  const auto status = nlohmann::json::parse(status_json(fixed_overview()));
  CHECK(status["version"] == "1.2.3");
  CHECK(status["ready"] == true);
  CHECK(status["started_at"] == 1'005);
  REQUIRE(status["workers"].size() == 1);
  CHECK(status["workers"][0]["process"] == 42);
  CHECK(status["workers"][0]["state"] == "serving");
  CHECK(status["workers"][0]["bytes"] == 5000);
  CHECK(nlohmann::json::parse(status_json({}))["workers"].empty());
  CHECK(status["requests"] == 100);
  CHECK(status["statuses"]["2xx"] == 90);
  CHECK(status["protocols"]["http1"] == 75);
  CHECK(status["protocols"]["http2"] == 25);
  CHECK(status["encodings"]["br"] == 6);
  CHECK(status["tls"]["full"] == 2);
  CHECK(status["latency"]["count"] == 100);
  CHECK(status["latency"]["p50_ns"] == 2'047);
  CHECK(status["latency"]["buckets"][0] == nlohmann::json::array({2'047, 100}));
  CHECK(status["queues"][0]["name"] == "a \"b\"\n");
  CHECK(status["queues"][0]["refused"]["late"] == 3);
}

TEST_CASE("operators are answered", "[admin]") {
  const AdminServer admin;
  CHECK(admin.get("/healthz").body == "alive\n");
  CHECK(admin.get("/readyz").status == 200);
  const test::Reply metrics = admin.get("/metrics");
  CHECK(metrics.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.field("Cache-Control") == "no-store");
  CHECK(metrics.body.find("seabag_requests_total{worker=\"0\"} 700\n") != std::string::npos);
  CHECK(nlohmann::json::parse(admin.get("/status.json").body)["workers"][1]["requests"] == 5);
  const test::Reply page = admin.get("/status");
  CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
  CHECK(
      page.field("Content-Security-Policy")->starts_with("default-src 'none'; script-src 'self'"));
  CHECK(page.body.find("src=\"status.js\"") != std::string::npos);
  CHECK(page.body.find("href=\"status.css\"") != std::string::npos);
  CHECK(admin.get("/status.css").field("Content-Type") == "text/css; charset=utf-8");
  const test::Reply script = admin.get("/status.js");
  CHECK(script.field("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(script.body.find("fetch(\"status.json\"") != std::string::npos);
  CHECK(admin.get("/").field("Location") == "/status");

  admin.board.slots()[0].vitals.state = LoopState::draining;
  CHECK(admin.get("/readyz").status == 503);
  CHECK(admin.get("/healthz").status == 200);
}

TEST_CASE("a listener for this machine answers nobody who calls it by another name", "[admin]") {
  const workers::Scoreboard board = make_board();
  server::Router router;
  REQUIRE(add_admin_routes(router, {.board = &board, .hosts = HostNames::local}));
  const test::FixedAssets assets;
  const test::Served served({.assets = &assets, .router = &router});
  const auto ask = [&](const std::string& host) {
    test::Loopback client(served.address());
    return client.ask("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  for (const char* local : {"localhost", "localhost:9000", "127.0.0.1", "127.0.0.1:9", "[::1]:1"}) {
    CAPTURE(local);
    CHECK(ask(local) == 200);
  }
  for (const char* other :
       {"evil.example", "evil.example:9000", "192.0.2.1", "localhost.example"}) {
    CAPTURE(other);
    CHECK(ask(other) == 403);
  }
}

}  // namespace seabag::admin
