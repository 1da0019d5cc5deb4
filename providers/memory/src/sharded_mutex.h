#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>

#include "light_mutex.h"

namespace seabag::providers {

/// A reader-writer lock for data that is read far more often than changed: a reader takes one of
/// several locks, chosen by its thread, so readers on different cores do not fight over one cache
/// line; a writer takes all of them. Meets Lockable; readers use `ShardedMutex::Shared`.
class ShardedMutex {
 public:
  void lock() {
    for (Shard& shard : shards_) {
      shard.mutex.lock();
    }
  }
  void unlock() {
    for (Shard& shard : shards_) {
      shard.mutex.unlock();
    }
  }

  /// Holds the lock for reading during its lifetime.
  class Shared {
   public:
    explicit Shared(ShardedMutex& mutex) : lock_(mutex.shards_[own_shard()].mutex) {}

   private:
    std::shared_lock<LightMutex> lock_;
  };

 private:
  static constexpr std::size_t kShardBits = 3;
  struct alignas(64) Shard {
    LightMutex mutex;
  };

  /// A thread-local's address tells threads apart without a counter that they would share.
  static std::size_t own_shard() {
    static thread_local const char anchor = 0;
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
    return (reinterpret_cast<std::uintptr_t>(&anchor) * kGolden) >> (64 - kShardBits);
  }

  std::array<Shard, std::size_t{1} << kShardBits> shards_;
};

}  // namespace seabag::providers
