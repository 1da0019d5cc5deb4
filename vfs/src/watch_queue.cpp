#include "watch_queue.h"

#include <utility>

namespace seabag::vfs {

void WatchQueue::push(WatchEvent event) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return;
    }
    if (events_.size() >= capacity_) {
      if (!events_.empty() && events_.back().kind == WatchEventKind::overflow) {
        return;
      }
      event = {.kind = WatchEventKind::overflow};
    }
    events_.push_back(std::move(event));
  }
  changed_.notify_one();
}

std::optional<WatchEvent> WatchQueue::try_pop() {
  const std::lock_guard lock(mutex_);
  return take_first();
}

std::optional<WatchEvent> WatchQueue::pop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return is_closed_ || !events_.empty(); })) {
    return std::nullopt;
  }
  return take_first();
}

void WatchQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    events_.clear();
  }
  changed_.notify_all();
}

std::optional<WatchEvent> WatchQueue::take_first() {
  if (events_.empty()) {
    return std::nullopt;
  }
  std::optional<WatchEvent> first = std::move(events_.front());
  events_.pop_front();
  return first;
}

}  // namespace seabag::vfs
