#include "seabag/pool/gradient_limit.h"

#include <algorithm>
#include <chrono>

#include "support/catch.h"

namespace seabag::pool {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A service that does `capacity` calls at once in 10 ms each; more of them wait for each other.
void load(GradientLimit& limit, std::size_t capacity, int calls) {
  for (int call = 0; call < calls; ++call) {
    const std::size_t running = limit.limit();
    const std::size_t slowed = std::max(running, capacity);
    limit.observe(microseconds(10'000 * slowed / capacity), running);
  }
}

}  // namespace

TEST_CASE("an unused limit stays", "[pool][gradient]") {
  GradientLimit limit({.least = 2, .most = 100, .first = 20});
  for (int call = 0; call < 10'000; ++call) {
    limit.observe(milliseconds(call % 7 + 1), 1);
  }
  CHECK(limit.limit() == 20);
}

TEST_CASE("the limit grows while calls do not slow each other", "[pool][gradient]") {
  GradientLimit limit({.least = 2, .most = 100, .first = 2});
  load(limit, 1'000, 2'000);
  CHECK(limit.limit() >= 99);
}

TEST_CASE("the limit ends near what the service can do", "[pool][gradient]") {
  GradientLimit limit({.least = 1, .most = 1'000, .first = 10});
  load(limit, 20, 300);
  CHECK(limit.limit() >= 20);
  CHECK(limit.limit() <= 80);
}

TEST_CASE("the limit shrinks when a service becomes slow, and recovers", "[pool][gradient]") {
  GradientLimit limit({.least = 1, .most = 200, .first = 10});
  load(limit, 100, 1'000);
  const std::size_t before = limit.limit();
  load(limit, 5, 100);
  CHECK(limit.limit() < before / 2);
  load(limit, 100, 3'000);
  CHECK(limit.limit() >= 100);
}

TEST_CASE("the limit stays within its bounds whatever it is told", "[pool][gradient]") {
  GradientLimit limit({.least = 3, .most = 9, .first = 5});
  for (int call = 0; call < 5'000; ++call) {
    const std::chrono::nanoseconds latency(call % 2 == 0 ? 0 : 3'600'000'000'000);
    limit.observe(latency, static_cast<std::size_t>(call));
    CHECK(limit.limit() >= 3);
    CHECK(limit.limit() <= 9);
  }
}

}  // namespace seabag::pool
