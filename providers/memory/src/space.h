#pragma once

#include <atomic>
#include <cstdint>

namespace seabag::providers {

/// How much of a limited resource is taken. Safe for concurrent use.
class Space {
 public:
  explicit Space(std::uint64_t limit) : limit_(limit) {}

  /// Takes `amount`, or nothing at all when less is left.
  [[nodiscard]] bool take(std::uint64_t amount) {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      if (amount > limit_ - used) {
        return false;
      }
    } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
    return true;
  }

  void give_back(std::uint64_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t left() const {
    return limit_ - used_.load(std::memory_order_relaxed);
  }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace seabag::providers
