#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace seabag::server {

/// How long answers took, counted in memory of a fixed size that processes share: up to 1,023 ns in
/// steps of 32, above that every power of two is divided into 32 equal parts, so a time is told at
/// most 3 % too long. What takes longer than two minutes is counted as that. One thread writes;
/// others read at any time.
class Latencies {
 public:
  static constexpr std::size_t kBuckets = 28 * 32;

  /// `count` answers took this long.
  void add(std::uint64_t nanoseconds, std::uint64_t count) {
    grow(counts_[bucket_of(nanoseconds)], count);
    grow(sum_, nanoseconds * count);
  }

  [[nodiscard]] std::uint64_t count(std::size_t bucket) const {
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  /// Nanoseconds of all of them.
  [[nodiscard]] std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }

  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t nanoseconds) {
    const std::uint64_t time = nanoseconds < kEnd ? nanoseconds : kEnd - 1;
    const auto width = static_cast<unsigned>(std::bit_width(time | (kFirstPower - 1)));
    const unsigned octave = width - kFirstWidth;  // those below the first power share one
    const unsigned shift = kStepBits + (octave == 0 ? 0 : octave - 1);
    return static_cast<std::size_t>((octave == 0 ? 0 : (octave - 1) * kSteps) + (time >> shift));
  }

  /// The longest time that a bucket counts, in nanoseconds.
  [[nodiscard]] static constexpr std::uint64_t longest_of(std::size_t bucket) {
    const std::size_t octave = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
    return ((bucket - octave * kSteps + 1) << (kStepBits + octave)) - 1;
  }

 private:
  static constexpr unsigned kStepBits = 5;
  static constexpr unsigned kSteps = 32;
  static constexpr unsigned kFirstWidth = 10;
  static constexpr std::uint64_t kFirstPower = 1U << kFirstWidth;
  static constexpr std::uint64_t kEnd = std::uint64_t{1} << 37U;

  /// For the only thread that writes: no instruction that locks the bus is needed.
  static void grow(std::atomic<std::uint64_t>& counter, std::uint64_t count) {
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

static_assert(Latencies::bucket_of(~std::uint64_t{0}) == Latencies::kBuckets - 1);

}  // namespace seabag::server
