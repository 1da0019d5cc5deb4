#include "seabag/top/snapshot.h"

#include "support/catch.h"

namespace seabag::top {
namespace {

TEST_CASE("a snapshot is what the server has written", "[top]") {
  admin::Overview written{.version = "1.2 \"3\"", .time = 5'000, .started_at = 2'000};
  written.workers.push_back({.process = 42,
                             .state = server::LoopState::serving,
                             .starts = 2,
                             .started_at = 2'100,
                             .resident_size = 4'096,
                             .connections = 3,
                             .in_flight = 1,
                             .accepted = 9,
                             .requests = 100,
                             .bytes = 7'000'000'000});
  written.traffic = {.statuses = {0, 0, 90, 5, 4, 1},
                     .encodings = {94, 0, 6, 0},
                     .http2_requests = 25,
                     .rejected = 8,
                     .resumed_handshakes = 2,
                     .latency = {{{.longest = 2'047, .count = 100}}, 150'000}};
  written.queues = {{.name = "reports", .waiting = 1, .refused = {0, 0, 3, 0}, .waited = 50}};
  const auto read = read_snapshot(admin::status_json(written));
  REQUIRE(read);
  CHECK(read->is_ready());
  CHECK(admin::status_json(*read) == admin::status_json(written));
}

TEST_CASE("what is missing or of another type is nothing", "[top]") {
  const auto read = read_snapshot(
      R"({"workers":[{"state":"asleep","requests":"many"},7],"latency":{"buckets":[[1],2,[3,4]]},)"
      R"("queues":[{}],"tls":null,"version":5})");
  REQUIRE(read);
  REQUIRE(read->workers.size() == 2);
  CHECK(read->workers[0].state == server::LoopState::ended);
  CHECK(read->workers[0].requests == 0);
  CHECK(read->traffic.latency.count() == 4);
  CHECK(read->queues.size() == 1);
  CHECK(read->version.empty());
}

TEST_CASE("what is no status is told", "[top]") {
  for (const char* text : {"", "null", "[]", "{}", "{\"workers\":1}", "{\"workers\":[", "<html>"}) {
    CAPTURE(text);
    const auto read = read_snapshot(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().is(std::errc::protocol_error));
  }
}

}  // namespace
}  // namespace seabag::top
