#include "observer_list.h"

#include <mutex>

namespace seabag::vfs {
namespace {

void tell_one(MutationObserver& observer, const Change& change) {
  if (!change.name.empty()) {
    observer.on_name(change.parent, change.name);
  }
  if (!change.new_name.empty()) {
    observer.on_name(change.new_parent, change.new_name);
  }
  for (const NodeId node : {change.node, change.other}) {
    if (node != NodeId{}) {
      observer.on_node(
          node, change.kind == ChangeKind::modified ? NodeChange::content : NodeChange::attributes);
    }
  }
}

}  // namespace

void ObserverList::add(MutationObserver& observer) {
  const std::lock_guard lock(mutex_);
  observers_.push_back(&observer);
  has_observers_.store(true, std::memory_order_release);
}

void ObserverList::remove(MutationObserver& observer) {
  const std::lock_guard lock(mutex_);
  std::erase(observers_, &observer);
  has_observers_.store(!observers_.empty(), std::memory_order_release);
}

void ObserverList::tell(const Change& change, const MutationObserver* except) const {
  if (is_empty()) {
    return;
  }
  const std::shared_lock lock(mutex_);
  for (MutationObserver* observer : observers_) {
    if (observer != except) {
      tell_one(*observer, change);
    }
  }
}

void ObserverList::tell_node(const Change& change, const MutationObserver* except) const {
  if (feed_.is_observed()) {
    feed_.publish(change);
  }
  tell(change, except);
}

}  // namespace seabag::vfs
