#include "seabag/admin/latency.h"

#include <cstdint>
#include <memory>

#include "support/catch.h"

namespace seabag::admin {
namespace {

using server::Latencies;

TEST_CASE("every time has a bucket that tells it at most 3 % too long", "[admin][latency]") {
  for (std::uint64_t time = 0; time < 1'000'000'000'000; time += 1 + time / 50) {
    const std::size_t bucket = Latencies::bucket_of(time);
    CAPTURE(time, bucket);
    REQUIRE(bucket < Latencies::kBuckets);
    const std::uint64_t longest = Latencies::longest_of(bucket);
    if (bucket + 1 < Latencies::kBuckets) {
      REQUIRE(longest >= time);
      REQUIRE(longest - time <= 31 + time * 32 / 1000);
      REQUIRE(Latencies::bucket_of(longest) == bucket);
      REQUIRE(Latencies::bucket_of(longest + 1) == bucket + 1);
    }
  }
  CHECK(Latencies::longest_of(Latencies::kBuckets - 1) == (std::uint64_t{1} << 37U) - 1);
}

TEST_CASE("percentiles are those of all workers together", "[admin][latency]") {
  const auto first = std::make_unique<Latencies>();
  const auto second = std::make_unique<Latencies>();
  first->add(1'000, 98);
  first->add(500'000, 1);
  second->add(1'000, 1'000 - 100);
  second->add(1'000'000'000, 1);
  Latency latency;
  CHECK(latency.count() == 0);
  CHECK(latency.value_at(0.99) == 0);
  latency.add(*first);
  latency.add(*second);
  CHECK(latency.count() == 1'000);
  CHECK(latency.sum() == 998 * 1'000 + 500'000 + 1'000'000'000);
  CHECK(latency.buckets().size() == 3);
  CHECK(latency.value_at(0.5) == 1'023);
  CHECK(latency.value_at(0.998) == 1'023);
  CHECK(latency.value_at(0.999) == Approx(500'000).epsilon(0.032));
  CHECK(latency.value_at(1) == Approx(1'000'000'000).epsilon(0.032));
  CHECK(latency.count_up_to(1'022) == 0);
  CHECK(latency.count_up_to(1'000'000) == 999);
}

TEST_CASE("what came since an earlier look is told", "[admin][latency]") {
  const Latency earlier({{.longest = 10, .count = 5}, {.longest = 30, .count = 7}}, 200);
  const Latency later(
      {{.longest = 10, .count = 6}, {.longest = 20, .count = 2}, {.longest = 30, .count = 7}}, 260);
  const Latency fresh = later.since(earlier);
  CHECK(fresh.count() == 3);
  CHECK(fresh.sum() == 60);
  CHECK(fresh.value_at(0.3) == 10);
  CHECK(fresh.value_at(1) == 20);
  // A server that has been replaced begins again.
  CHECK(earlier.since(later).count() == 0);
  CHECK(earlier.since(later).sum() == 0);
}

}  // namespace
}  // namespace seabag::admin
