#pragma once

#include <cstdint>
#include <vector>

#include "seabag/server/latencies.h"

namespace seabag::admin {

/// How long answers took, as of one moment: a value that is read, added up and compared. Times are
/// nanoseconds, told as the longest one of their bucket.
class Latency {
 public:
  struct Bucket {
    std::uint64_t longest = 0;
    std::uint64_t count = 0;
  };

  Latency() = default;
  /// `buckets` ascend; `sum` is of all times.
  Latency(std::vector<Bucket> buckets, std::uint64_t sum);

  /// Adds what one server counts. Safe while that goes on.
  void add(const server::Latencies& counted);

  /// None of them is empty.
  [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  /// The time that the part `quantile` (0 .. 1) of all does not exceed; 0 when there are none.
  [[nodiscard]] std::uint64_t value_at(double quantile) const;
  /// How many took at most this long, to the precision of the buckets.
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t nanoseconds) const;
  /// What has come after `earlier`. Counts that went back, as those of a server that was started
  /// again do, are none.
  [[nodiscard]] Latency since(const Latency& earlier) const;

 private:
  std::vector<Bucket> buckets_;
  std::uint64_t sum_ = 0;
};

}  // namespace seabag::admin
