#pragma once

#include <atomic>
#include <cstdint>

#include "light_mutex.h"

namespace seabag::providers {

/// A member that readers may look at while it changes: what they saw counts only when
/// `VersionedMutex::read` says so. Plain loads and stores on x86.
template <typename T>
class Watched {
 public:
  Watched() = default;
  Watched(T value) : value_(value) {}
  Watched& operator=(T value) {
    value_.store(value, std::memory_order_release);
    return *this;
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() = default;

  [[nodiscard]] T get() const { return value_.load(std::memory_order_acquire); }
  operator T() const { return get(); }

 private:
  std::atomic<T> value_{};
  static_assert(std::atomic<T>::is_always_lock_free);
};

/// A lock whose readers can do without it (a sequence lock): they read `Watched` members, and once
/// more when a writer has been there meanwhile.
class VersionedMutex {
 public:
  void lock() {
    mutex_.lock();
    version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void unlock() {
    version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    mutex_.unlock();
  }
  void lock_shared() { mutex_.lock_shared(); }
  void unlock_shared() { mutex_.unlock_shared(); }

  /// Calls `look` until it has seen one state of the `Watched` members, at most twice without the
  /// lock. It must not touch anything else that changes.
  template <typename Look>
  void read(const Look& look) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      const std::uint32_t before = version_.load(std::memory_order_acquire);
      if (before % 2 != 0) {
        break;
      }
      look();
      // Loads of Watched members acquire, so this one comes after them.
      if (version_.load(std::memory_order_relaxed) == before) {
        return;
      }
    }
    mutex_.lock_shared();
    look();
    mutex_.unlock_shared();
  }

 private:
  LightMutex mutex_;
  std::atomic<std::uint32_t> version_{0};  ///< odd while somebody writes
};

}  // namespace seabag::providers
