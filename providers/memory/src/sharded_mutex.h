#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

namespace seabag::providers {

/// A reader-writer lock for data that is read far more often than changed: a reader marks a slot,
/// chosen by its thread, so readers on different cores do not fight over one cache line and leaving
/// is a plain store; a writer waits until it has seen all slots free. Writers go first: a thread
/// must not read twice at once. Meets BasicLockable; readers use `ShardedMutex::Shared`.
class ShardedMutex {
 public:
  void lock() {
    writers_.lock();
    is_writing_.store(1, std::memory_order_seq_cst);
    for (const Slot& slot : slots_) {
      await_free(slot.readers);
    }
  }
  void unlock() {
    is_writing_.store(0, std::memory_order_release);
    is_writing_.notify_all();
    writers_.unlock();
  }

  /// Holds the lock for reading during its lifetime.
  class Shared {
   public:
    explicit Shared(ShardedMutex& mutex) : slot_(mutex.enter()), is_own_(&slot_ != mutex.crowd()) {}
    ~Shared() {
      if (is_own_) {
        slot_.store(0, std::memory_order_release);
      } else {
        slot_.fetch_sub(1, std::memory_order_release);
      }
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

   private:
    std::atomic<std::uint32_t>& slot_;
    const bool is_own_;
  };

 private:
  using Count = std::atomic<std::uint32_t>;
  static constexpr std::size_t kShardBits = 4;
  static constexpr std::size_t kShards = std::size_t{1} << kShardBits;
  struct alignas(64) Slot {
    Count readers{0};
  };

  /// A thread-local's address tells threads apart without a counter that they would share.
  static std::size_t own_shard() {
    static thread_local const char anchor = 0;
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
    return (reinterpret_cast<std::uintptr_t>(&anchor) * kGolden) >> (64 - kShardBits);
  }

  /// The slot of those who found every other one taken: they count.
  Count* crowd() { return &slots_[kShards].readers; }

  Count& mark() {
    const std::size_t first = own_shard();
    for (std::size_t probe = 0; probe < kShards; ++probe) {
      Count& slot = slots_[(first + probe) % kShards].readers;
      std::uint32_t free = 0;
      if (slot.compare_exchange_strong(free, 1, std::memory_order_seq_cst)) {
        return slot;
      }
    }
    crowd()->fetch_add(1, std::memory_order_seq_cst);
    return *crowd();
  }

  Count& enter() {
    while (true) {
      Count& slot = mark();
      // Either this sees the writer, or the writer sees the slot: both are seq_cst.
      if (is_writing_.load(std::memory_order_seq_cst) == 0) {
        return slot;
      }
      slot.fetch_sub(1, std::memory_order_release);
      is_writing_.wait(1, std::memory_order_relaxed);
    }
  }

  /// Readers do not tell when they leave, they would pay for it each time. They are in for less
  /// than a microsecond, unless the scheduler took them out.
  static void await_free(const Count& readers) {
    constexpr int kSpins = 200;
    constexpr int kYields = 50;
    constexpr std::chrono::microseconds kPause{50};
    for (int attempt = 0; readers.load(std::memory_order_seq_cst) != 0; ++attempt) {
      if (attempt >= kSpins + kYields) {
        std::this_thread::sleep_for(kPause);
      } else if (attempt >= kSpins) {
        std::this_thread::yield();
      }
    }
  }

  std::array<Slot, kShards + 1> slots_;
  Count is_writing_{0};
  std::mutex writers_;
};

}  // namespace seabag::providers
