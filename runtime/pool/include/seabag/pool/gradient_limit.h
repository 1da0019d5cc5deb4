#pragma once

#include <chrono>
#include <cstddef>

namespace seabag::pool {

/// How many calls of a kind may run at once, learned from how long they take: while the recent
/// latency stays near that of quiet times the limit grows by its square root, and it shrinks by
/// their ratio when calls begin to wait for each other (TCP Vegas' idea; the "gradient" of
/// Netflix's concurrency-limits). One thread at a time.
class GradientLimit {
 public:
  struct Bounds {
    std::size_t least = 2;
    std::size_t most = 256;
    std::size_t first = 16;
  };

  GradientLimit() : GradientLimit(Bounds{}) {}
  /// `bounds` must be in order: least <= first <= most, and least at least 1.
  explicit GradientLimit(const Bounds& bounds);

  /// A call took that long, while `running` of its kind ran. Calls that failed are not told.
  void observe(std::chrono::nanoseconds latency, std::size_t running);

  [[nodiscard]] std::size_t limit() const { return static_cast<std::size_t>(limit_); }

 private:
  Bounds bounds_;
  double limit_;
  double long_term_ = 0;   ///< nanoseconds, over some 600 calls; 0: nothing observed
  double short_term_ = 0;  ///< nanoseconds, over some 10 calls
};

}  // namespace seabag::pool
