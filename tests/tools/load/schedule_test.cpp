#include "seabag/load/schedule.h"

#include "support/catch.h"

namespace seabag::load {
namespace {

TEST_CASE("requests are due at even distances until the end", "[load][schedule]") {
  Schedule schedule(100, 2.5, 110);
  CHECK_FALSE(schedule.take(99));
  CHECK(schedule.take(100) == 100U);
  CHECK_FALSE(schedule.take(101));
  CHECK(schedule.take(1'000) == 102U);
  CHECK(schedule.take(1'000) == 105U);
  CHECK_FALSE(schedule.is_over());
  CHECK(schedule.take(1'000) == 107U);
  CHECK(schedule.is_over());
  CHECK_FALSE(schedule.take(1'000));
}

TEST_CASE("a schedule can end earlier, but not later", "[load][schedule]") {
  Schedule schedule(0, 10, 100);
  CHECK(schedule.take(50) == 0U);
  schedule.shorten(200);
  schedule.shorten(15);
  CHECK(schedule.take(50) == 10U);
  CHECK_FALSE(schedule.take(50));
  CHECK(schedule.is_over());
}

TEST_CASE("fractions of nanoseconds do not add up to a drift", "[load][schedule]") {
  constexpr std::uint64_t kHour = 3'600'000'000'000;
  constexpr double kPeriod = 1e9 / 30'000;
  Schedule schedule(0, kPeriod, kHour);
  std::uint64_t count = 0;
  std::uint64_t last = 0;
  while (const auto moment = schedule.take(kHour / 3600)) {
    last = *moment;
    ++count;
  }
  CHECK(count == 30'001);
  CHECK(last == 1'000'000'000);
}

}  // namespace
}  // namespace seabag::load
