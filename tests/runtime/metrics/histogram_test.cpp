#include "seabag/metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.h"

namespace seabag::metrics {
namespace {

constexpr std::uint64_t kHour = 3'600'000'000'000;  // in nanoseconds

// What value_at means, without buckets.
std::uint64_t exact_value_at(std::vector<std::uint64_t> values, double quantile) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(quantile * static_cast<double>(values.size()));
  return values[rank < 1 ? 0 : static_cast<std::size_t>(rank) - 1];
}

TEST_CASE("a histogram without values tells zeros", "[metrics][histogram]") {
  const Histogram histogram(kHour);
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.value_at(0.5) == 0);
  CHECK(histogram.count_up_to(kHour) == 0);
}

TEST_CASE("a single value is told exactly, whatever it is", "[metrics][histogram]") {
  std::vector<std::uint64_t> values = {0, 1, 2, 1023, 1024, 1025, 2047, 2048, 2049, kHour};
  for (unsigned bit = 11; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  values.push_back(UINT64_MAX);
  for (const std::uint64_t value : values) {
    CAPTURE(value);
    Histogram histogram(UINT64_MAX);
    histogram.record(value);
    for (const double quantile : {0.0, 0.5, 1.0}) {
      CHECK(histogram.value_at(quantile) == value);
    }
    CHECK(histogram.min() == value);
    CHECK(histogram.max() == value);
    CHECK(histogram.count_up_to(value) == 1);
  }
}

TEST_CASE("every value is told exactly to three digits, and never too low",
          "[metrics][histogram]") {
  for (std::uint64_t value = 1; value < kHour; value += value / 47 + 1) {
    Histogram histogram(kHour);
    histogram.record(value);
    histogram.record(kHour);  // so that the maximum does not cut the bucket off
    const std::uint64_t told = histogram.value_at(0.5);
    REQUIRE(told >= value);
    REQUIRE(static_cast<double>(told - value) <= static_cast<double>(value) / 1000);
  }
}

TEST_CASE("percentiles agree with sorting, to three digits", "[metrics][histogram]") {
  std::mt19937_64 random(4711);
  std::lognormal_distribution<double> latency(11, 2);
  std::vector<std::uint64_t> values;
  Histogram histogram(kHour);
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(latency(random)));
    histogram.record(values.back());
  }
  double sum = 0;
  for (const std::uint64_t value : values) {
    sum += static_cast<double>(value);
  }
  for (const double quantile : {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    CAPTURE(quantile);
    const auto exact = static_cast<double>(exact_value_at(values, quantile));
    const auto told = static_cast<double>(histogram.value_at(quantile));
    CHECK(told >= exact);
    CHECK(told <= exact * 1.001 + 1);
  }
  CHECK(histogram.min() == *std::min_element(values.begin(), values.end()));
  CHECK(histogram.max() == *std::max_element(values.begin(), values.end()));
  CHECK(histogram.mean() == Approx(sum / 20'000));
}

TEST_CASE("merging is counting everything in one", "[metrics][histogram]") {
  std::mt19937_64 random(42);
  Histogram whole(kHour);
  Histogram first(kHour);
  Histogram second(kHour);
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t value = random() >> (random() % 40 + 20);
    whole.record(value);
    (i % 3 == 0 ? first : second).record(value);
  }
  first.merge(second);
  first.merge(Histogram(kHour));
  CHECK(first.count() == whole.count());
  CHECK(first.min() == whole.min());
  CHECK(first.max() == whole.max());
  CHECK(first.mean() == Approx(whole.mean()));
  for (double quantile = 0; quantile <= 1; quantile += 0.01) {
    CHECK(first.value_at(quantile) == whole.value_at(quantile));
  }
}

TEST_CASE("values beyond the range count as its highest", "[metrics][histogram]") {
  Histogram histogram(1'000);
  histogram.record(5);
  histogram.record(999'999);
  CHECK(histogram.count() == 2);
  CHECK(histogram.max() == 1'000);
  CHECK(histogram.value_at(1) == 1'000);
}

TEST_CASE("counts up to a value make a cumulative histogram", "[metrics][histogram]") {
  Histogram histogram(kHour);
  for (std::uint64_t value = 1; value <= 1'000; ++value) {
    histogram.record(value);
  }
  CHECK(histogram.count_up_to(0) == 0);
  CHECK(histogram.count_up_to(1) == 1);
  CHECK(histogram.count_up_to(250) == 250);
  CHECK(histogram.count_up_to(5'000'000) == 1'000);
}

TEST_CASE("a cleared histogram starts again", "[metrics][histogram]") {
  Histogram histogram(kHour);
  histogram.record(7);
  histogram.clear();
  CHECK(histogram.count() == 0);
  CHECK(histogram.count_up_to(kHour) == 0);
  histogram.record(9);
  CHECK(histogram.min() == 9);
  CHECK(histogram.max() == 9);
}

TEST_CASE("a percentile needs ten values beyond it", "[metrics][histogram]") {
  CHECK_FALSE(supports_quantile(0, 0.5));
  CHECK_FALSE(supports_quantile(19, 0.5));
  CHECK(supports_quantile(20, 0.5));
  CHECK_FALSE(supports_quantile(999, 0.99));
  CHECK(supports_quantile(1'000, 0.99));
  CHECK_FALSE(supports_quantile(9'999, 0.999));
  CHECK(supports_quantile(10'000, 0.999));
  CHECK_FALSE(supports_quantile(99'999, 0.9999));
  CHECK(supports_quantile(100'000, 0.9999));
}

}  // namespace
}  // namespace seabag::metrics
