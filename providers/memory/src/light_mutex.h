#pragma once

#include <atomic>
#include <cstdint>

namespace seabag::providers {

/// A reader-writer lock of four bytes, for millions of nodes and for locks that are held for a few
/// nanoseconds: without contention each call is one atomic step, where pthread's lock needs 56
/// bytes and a function call. Who must wait sleeps in the kernel. A writer that waits lets no new
/// reader in, so readers must not take it twice. Meets SharedLockable without the `try` calls.
class LightMutex {
 public:
  void lock_shared() {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    while ((state & (kWriter | kAwaited)) != 0 || !take(state, state + 1)) {
      if ((state & (kWriter | kAwaited)) != 0) {
        state = await(state);
      }
    }
  }

  void unlock_shared() {
    if (state_.fetch_sub(1, std::memory_order_release) == (kAwaited | 1)) {
      std::uint32_t state = kAwaited;
      if (state_.compare_exchange_strong(state, 0, std::memory_order_relaxed)) {
        state_.notify_all();
      }
    }
  }

  void lock() {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    while ((state & ~kAwaited) != 0 || !take(state, state | kWriter)) {
      if ((state & ~kAwaited) != 0) {
        state = await(state);
      }
    }
  }

  void unlock() {
    if ((state_.exchange(0, std::memory_order_release) & kAwaited) != 0) {
      state_.notify_all();
    }
  }

 private:
  static constexpr std::uint32_t kWriter = 1U << 31U;
  static constexpr std::uint32_t kAwaited = 1U
                                            << 30U;  ///< somebody sleeps; the rest counts readers

  bool take(std::uint32_t& state, std::uint32_t next) {
    return state_.compare_exchange_weak(state, next, std::memory_order_acquire,
                                        std::memory_order_relaxed);
  }

  /// Sleeps until the state has changed, and tells it.
  std::uint32_t await(std::uint32_t state) {
    const std::uint32_t awaited = state | kAwaited;
    if (state == awaited ||
        state_.compare_exchange_weak(state, awaited, std::memory_order_relaxed)) {
      state_.wait(awaited, std::memory_order_relaxed);
    }
    return state_.load(std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t> state_{0};
};

}  // namespace seabag::providers
