#include "seabag/load/report.h"

#include <vector>

#include "support/catch.h"

namespace seabag::load {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

// One that nothing can be said against.
Report good_report() {
  Report report;
  report.counts.answers = 100;
  report.counts.classes[2] = 100;
  report.use = {.busiest_thread = 0.6, .waited = 0.2};
  for (int i = 0; i < 100; ++i) {
    report.latency.record(kMillisecond);
    report.start_delay.record(kMillisecond / 20);
    report.own_delay.record(kMillisecond / 50);
  }
  return report;
}

TEST_CASE("a report says what its figures cannot be taken for", "[load][report]") {
  using Caveats = std::vector<Caveat>;
  CHECK(caveats_of(good_report()).empty());

  Report saturated = good_report();
  saturated.use.busiest_thread = 0.95;
  CHECK(caveats_of(saturated) == Caveats{Caveat::loader_saturated});

  Report starved = good_report();
  starved.use.waited = 0.35;
  CHECK(caveats_of(starved) == Caveats{Caveat::loader_starved});

  Report crowded = good_report();
  crowded.seconds = 10;
  crowded.use.loader_seconds = 5;
  crowded.use.machine_processors = 2;
  crowded.use.machine = 0.9;
  CHECK(caveats_of(crowded).empty());
  crowded.use.server_seconds = 5;
  CHECK(caveats_of(crowded) == Caveats{Caveat::busy_machine});
  crowded.use.server_seconds = 10;
  CHECK(caveats_of(crowded).empty());

  Report late_server = good_report();
  for (int i = 0; i < 10; ++i) {
    late_server.start_delay.record(5 * kMillisecond);
  }
  CHECK(caveats_of(late_server) == Caveats{Caveat::late_server});

  Report late_loader = late_server;
  for (int i = 0; i < 10; ++i) {
    late_loader.own_delay.record(5 * kMillisecond);
  }
  CHECK(caveats_of(late_loader) == Caveats{Caveat::late_loader});

  Report refusing = good_report();
  refusing.counts.classes = {0, 0, 0, 0, 90, 10};
  refusing.counts.failures.closed = 1;
  CHECK(caveats_of(refusing) == Caveats{Caveat::failures, Caveat::no_success});

  Report hanging = good_report();
  hanging.oldest_unanswered = 500 * kMillisecond;
  hanging.is_interrupted = true;
  CHECK(caveats_of(hanging) == Caveats{Caveat::unanswered, Caveat::interrupted});
  hanging.is_open_loop = true;
  hanging.counts.unanswered = 3;
  CHECK(caveats_of(hanging) == Caveats{Caveat::unanswered, Caveat::interrupted});
}

TEST_CASE("counts of threads add up", "[load][report]") {
  Counts one;
  one.answers = 1;
  one.classes[2] = 2;
  one.failures = {.connect = 1, .closed = 2, .malformed = 3, .timed_out = 4};
  Counts sum = one;
  sum.add(one);
  CHECK(sum.answers == 2);
  CHECK(sum.classes[2] == 4);
  CHECK(sum.failures == Failures{.connect = 2, .closed = 4, .malformed = 6, .timed_out = 8});
  CHECK(sum.failures.total() == 20);
}

}  // namespace
}  // namespace seabag::load
