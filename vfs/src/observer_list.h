#pragma once

#include <atomic>
#include <shared_mutex>
#include <vector>

#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/observed.h"

namespace seabag::vfs {

/// Who is to be told of mutations. Safe for concurrent use.
class ObserverList {
 public:
  void add(MutationObserver& observer);
  void remove(MutationObserver& observer);

  [[nodiscard]] ChangeFeed& feed() { return feed_; }

  /// Whether anybody is told anything.
  [[nodiscard]] bool is_empty() const { return !has_observers_.load(std::memory_order_acquire); }

  /// Tells a change of names that the feed has told already, or had nobody to tell.
  void tell(const Change& change, const MutationObserver* except) const;

  /// Tells a change without names, to the feed too.
  void tell_node(const Change& change, const MutationObserver* except) const;

 private:
  ChangeFeed feed_;
  mutable std::shared_mutex mutex_;
  std::vector<MutationObserver*> observers_;  ///< guarded by mutex_
  std::atomic<bool> has_observers_{false};
};

}  // namespace seabag::vfs
