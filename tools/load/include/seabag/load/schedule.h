#pragma once

#include <cstdint>
#include <optional>

namespace seabag::load {

/// When the requests of an open loop are due: at even distances, whatever happens to them. Moments
/// are nanoseconds of one clock. One thread at a time.
class Schedule {
 public:
  /// The first is due at `first`, the next ones every `period` nanoseconds (above 0), as long as
  /// that is before `end`.
  Schedule(std::uint64_t first, double period, std::uint64_t end)
      : first_(first), end_(end), period_(period) {}

  /// The moment of the next request, if it is due at `now`; then the one behind it is next.
  [[nodiscard]] std::optional<std::uint64_t> take(std::uint64_t now) {
    const std::uint64_t moment = next();
    if (moment > now || moment >= end_) {
      return std::nullopt;
    }
    ++taken_;
    return moment;
  }

  /// Whether no request is left.
  [[nodiscard]] bool is_over() const { return next() >= end_; }

  /// Nothing is due at or after `end` any more.
  void shorten(std::uint64_t end) {
    if (end < end_) {
      end_ = end;
    }
  }

 private:
  // Multiplied anew each time, so that fractions of nanoseconds do not add up.
  [[nodiscard]] std::uint64_t next() const {
    return first_ + static_cast<std::uint64_t>(static_cast<double>(taken_) * period_);
  }

  std::uint64_t first_;
  std::uint64_t end_;
  double period_;
  std::uint64_t taken_ = 0;
};

}  // namespace seabag::load
