#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seabag::metrics {

/// How often each value came, exact to three significant digits over the whole range: up to 2047
/// each value has a bucket of its own, above that every power of two is divided into 1024 equal
/// buckets, so a value is told at most 0.1 % too high and never too low. Recording is a few
/// instructions and never allocates; histograms of several threads are merged afterwards.
///
/// The unit is the caller's: nanoseconds of latency, bytes. A range up to an hour in nanoseconds
/// takes 264 KiB, up to a minute in microseconds 136 KiB. One thread at a time.
class Histogram {
 public:
  /// Values from 0 to `highest`, at least 1; higher ones are counted as `highest`.
  explicit Histogram(std::uint64_t highest);

  [[nodiscard]] std::uint64_t highest() const { return highest_; }

  void record(std::uint64_t value);

  /// Adds what `other` has counted. Both have the same `highest`.
  void merge(const Histogram& other);

  /// Forgets everything but the range.
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The smallest and the largest value, exactly, but for the limit of the range; 0 while empty.
  [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  /// 0 while empty.
  [[nodiscard]] double mean() const;

  /// The value that the fraction `quantile` (0 .. 1) of all values does not exceed: 0.99 gives the
  /// 99th percentile, 1 the largest. 0 while empty.
  [[nodiscard]] std::uint64_t value_at(double quantile) const;

  /// How many values are at most `value`, to the precision of its bucket: what a cumulative
  /// histogram of Prometheus wants.
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t value) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t highest_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

/// Values that must lie beyond a percentile for it to mean something: with fewer, one value more or
/// less moves it at will.
inline constexpr std::uint64_t kSamplesBeyond = 10;

/// Whether `count` values are enough to speak of `quantile` (0 .. 1): the 99th percentile needs
/// 1,000 of them, the 99.9th 10,000.
[[nodiscard]] bool supports_quantile(std::uint64_t count, double quantile);

}  // namespace seabag::metrics
