#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace seabag::vfs {

/// An immutable value that is read all the time and replaced now and then. Reading costs one atomic
/// read-modify-write on a cache line that threads rarely share, where a lock and a shared pointer
/// cost four on one that they always do.
///
/// A reader announces what it reads in a slot (a hazard pointer); a value that was replaced is kept
/// until no slot names it. Safe for concurrent use; must outlive its readers.
template <typename T>
class Published {
 public:
  using Garbage = std::vector<std::shared_ptr<const T>>;

  /// Keeps the value that was current when it was made. One thread at a time.
  class Reader {
   public:
    explicit Reader(const Published& from) : from_(from), slot_(from.claim_slot()) {
      if (slot_ == nullptr) {
        const std::lock_guard lock(from.mutex_);
        owned_ = from.owner_;
        value_ = owned_.get();
        return;
      }
      value_ = slot_->load(std::memory_order_relaxed);
      while (true) {
        const T* const now = from.current_.load(std::memory_order_seq_cst);
        if (now == value_) {
          return;
        }
        slot_->store(now, std::memory_order_seq_cst);
        value_ = now;
      }
    }
    ~Reader() {
      if (slot_ != nullptr) {
        slot_->store(nullptr, std::memory_order_release);
        if (from_.is_collecting_.load(std::memory_order_relaxed)) {
          (void)from_.collect();  // values, which end here, outside of the lock
        }
      }
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_; }

   private:
    const Published& from_;
    std::atomic<const T*>* slot_;  ///< of from_; null when all were taken
    const T* value_ = nullptr;     ///< owned by from_, or by owned_
    std::shared_ptr<const T> owned_;
  };

  explicit Published(std::shared_ptr<const T> first)
      : owner_(std::move(first)), current_(owner_.get()) {}

  [[nodiscard]] Reader read() const { return Reader(*this); }

  /// Publishes another value. Returns the old ones that nobody reads any more, for the caller to
  /// drop when it holds no lock. Calls must not overlap.
  [[nodiscard]] Garbage replace(std::shared_ptr<const T> next) {
    {
      const std::lock_guard lock(mutex_);
      retired_.push_back(std::move(owner_));
      owner_ = std::move(next);
      current_.store(owner_.get(), std::memory_order_seq_cst);
    }
    return collect();
  }

 private:
  static constexpr std::size_t kSlots = 32;
  struct alignas(64) Slot {
    std::atomic<const T*> reading{nullptr};
  };

  /// A thread-local's address tells threads apart without a counter that they would share.
  static std::size_t first_slot() {
    static thread_local const char anchor = 0;
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
    constexpr int kBits = 5;
    static_assert(kSlots == std::size_t{1} << kBits);
    // An address is a number here, never read through.
    return (reinterpret_cast<std::uintptr_t>(&anchor) * kGolden) >> (64 - kBits);
  }

  std::atomic<const T*>* claim_slot() const {
    const std::size_t first = first_slot();
    for (std::size_t probe = 0; probe < kSlots; ++probe) {
      std::atomic<const T*>& slot = slots_[(first + probe) % kSlots].reading;
      const T* free = nullptr;
      if (slot.compare_exchange_strong(free, current_.load(std::memory_order_relaxed),
                                       std::memory_order_seq_cst)) {
        return &slot;
      }
    }
    return nullptr;
  }

  [[nodiscard]] bool is_read(const T* value) const {
    for (const Slot& slot : slots_) {
      if (slot.reading.load(std::memory_order_seq_cst) == value) {
        return true;
      }
    }
    return false;
  }

  Garbage collect() const {
    Garbage garbage;
    const std::lock_guard lock(mutex_);
    Garbage kept;
    for (std::shared_ptr<const T>& value : retired_) {
      (is_read(value.get()) ? kept : garbage).push_back(std::move(value));
    }
    retired_ = std::move(kept);
    is_collecting_.store(!retired_.empty(), std::memory_order_relaxed);
    return garbage;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const T> owner_;  ///< guarded by mutex_
  mutable Garbage retired_;         ///< guarded by mutex_
  mutable std::atomic<bool> is_collecting_{false};
  std::atomic<const T*> current_;
  mutable std::array<Slot, kSlots> slots_{};
};

}  // namespace seabag::vfs
