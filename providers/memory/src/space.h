#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>

#include "seabag/vfs/result.h"

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

/// What one user takes of a resource that all share. Safe for concurrent use.
class Share {
 public:
  /// `whole` must outlive it.
  Share(Space& whole, std::uint64_t quota) : whole_(whole), own_(quota) {}

  /// Takes `amount` or nothing: ENOSPC when the whole has less left, EDQUOT when the quota has.
  [[nodiscard]] std::errc take(std::uint64_t amount) {
    if (!whole_.take(amount)) {
      return std::errc::no_space_on_device;
    }
    if (!own_.take(amount)) {
      whole_.give_back(amount);
      return kQuotaExceeded;
    }
    return {};
  }

  void give_back(std::uint64_t amount) {
    own_.give_back(amount);
    whole_.give_back(amount);
  }

  /// Makes what `from` has taken this one's. False, changing nothing, when the quota has less left.
  [[nodiscard]] bool take_over(std::uint64_t amount, Share& from) {
    if (!own_.take(amount)) {
      return false;
    }
    from.own_.give_back(amount);
    return true;
  }

  /// What `take` would say now.
  [[nodiscard]] std::errc obstacle_to(std::uint64_t amount) const {
    if (amount > whole_.left()) {
      return std::errc::no_space_on_device;
    }
    return amount > own_.left() ? kQuotaExceeded : std::errc();
  }

 private:
  Space& whole_;
  Space own_;
};

/// What the nodes of one user take.
struct Account {
  Account(Space& all_bytes, Space& all_nodes, std::uint64_t byte_quota, std::uint64_t node_quota)
      : bytes(all_bytes, byte_quota), nodes(all_nodes, node_quota) {}

  Share bytes;
  Share nodes;
};

/// The accounts of all users: one for everybody while there is no quota. Safe for concurrent use.
class Accounts {
 public:
  struct Limits {
    std::uint64_t bytes;
    std::uint64_t nodes;
    std::optional<std::uint64_t> user_bytes;
    std::optional<std::uint64_t> user_nodes;
  };

  explicit Accounts(const Limits& limits)
      : limits_(limits), bytes_(limits.bytes), nodes_(limits.nodes) {}

  /// Valid as long as the accounts. User 0 has no quota, as on tmpfs.
  [[nodiscard]] Account& of(std::uint32_t uid) {
    if (uid == 0 || (!limits_.user_bytes && !limits_.user_nodes)) {
      return unlimited_;
    }
    const std::lock_guard lock(mutex_);
    return users_
        .try_emplace(uid, bytes_, nodes_, limits_.user_bytes.value_or(kUnlimited),
                     limits_.user_nodes.value_or(kUnlimited))
        .first->second;
  }

  [[nodiscard]] const Space& bytes() const { return bytes_; }
  [[nodiscard]] const Space& nodes() const { return nodes_; }

 private:
  static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

  const Limits limits_;
  Space bytes_;
  Space nodes_;
  Account unlimited_{bytes_, nodes_, kUnlimited, kUnlimited};
  std::mutex mutex_;
  std::map<std::uint32_t, Account> users_;  ///< guarded by mutex_, its values are not
};

}  // namespace seabag::providers
