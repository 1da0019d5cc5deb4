#include "seabag/top/screen.h"

#include <algorithm>
#include <string>

#include "support/catch.h"

namespace seabag::top {
namespace {

admin::Overview look(std::int64_t time, std::uint64_t requests) {
  admin::Overview overview{.version = "1.2.3", .time = time, .started_at = 1'000};
  overview.workers.push_back({.process = 42,
                              .state = server::LoopState::serving,
                              .starts = 1,
                              .started_at = 1'000,
                              .resident_size = std::uint64_t{3} << 20U,
                              .connections = 64,
                              .requests = requests,
                              .bytes = requests * 1024});
  overview.workers.push_back({.state = server::LoopState::ended, .starts = 2});
  overview.traffic.statuses[2] = requests;
  overview.traffic.latency = {{{.longest = 52'000, .count = requests}}, requests * 50'000};
  return overview;
}

TEST_CASE("the screen tells what was between two looks", "[top]") {
  const admin::Overview before = look(3'000, 1'000);
  admin::Overview now = look(5'000, 41'000);
  now.traffic.latency = {
      {{.longest = 52'000, .count = 31'000}, {.longest = 1'900'000, .count = 10'000}}, 0};
  const std::string screen = draw(now, &before, {});
  CAPTURE(screen);
  const auto has = [&](const char* text) { return screen.find(text) != std::string::npos; };
  CHECK(has("seabag 1.2.3  ready  up "));
  CHECK(has("requests   20,000/s  content "));
  CHECK(has("latency    p50 52 us  p90 1.9 ms  p99 1.9 ms  p99.9 1.9 ms\n"));
  CHECK(has("all time   p50 52 us"));
  CHECK(has("answers    2xx 41,000  3xx 0"));
  CHECK(has("     0       42  serving"));
  CHECK(has("20,000   3.0 MiB\n"));
  CHECK_FALSE(has("queue "));
  CHECK(screen.find('\x1b') == std::string::npos);
}

TEST_CASE("one look tells what was since the start, and a server that began again too", "[top]") {
  const std::string once = draw(look(3'000, 1'000), nullptr, {});
  CAPTURE(once);
  CHECK(once.find("requests   500/s") != std::string::npos);
  CHECK(once.find("all time") == std::string::npos);
  admin::Overview earlier = look(2'000, 90'000);
  earlier.started_at = 5;
  CHECK(draw(look(3'000, 1'000), &earlier, {}).find("requests   500/s") != std::string::npos);
  CHECK_FALSE(draw({}, nullptr, {}).empty());
}

TEST_CASE("queues are shown where there are some", "[top]") {
  admin::Overview now = look(3'000, 1'000);
  now.queues.push_back({.name = "re\x1bports",
                        .waiting = 3,
                        .running = 2,
                        .concurrency = 8,
                        .finished = 10,
                        .refused = {1, 2, 0, 0},
                        .waited = 20'000'000});
  const std::string screen = draw(now, nullptr, {});
  CAPTURE(screen);
  CHECK(screen.find("\nre\\x1bports") != std::string::npos);
  CHECK(screen.find("        10           3     2.0 ms\n") != std::string::npos);
}

TEST_CASE("a screen fits its terminal", "[top]") {
  const admin::Overview now = look(3'000, 1'000);
  const std::string screen = draw(now, nullptr, {.columns = 20, .rows = 4});
  CHECK(std::count(screen.begin(), screen.end(), '\n') == 4);
  for (std::size_t start = 0; start < screen.size();) {
    const std::size_t end = screen.find('\n', start);
    CHECK(end - start <= 20);
    start = end + 1;
  }
  const std::string painted = draw(now, nullptr, {.colours = Colours::on});
  CHECK(painted.find("\x1b[32mready\x1b[0m") != std::string::npos);
}

}  // namespace
}  // namespace seabag::top
