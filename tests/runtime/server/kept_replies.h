#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "seabag/server/reply.h"
#include "support/catch.h"

namespace seabag::test {

/// Things that handlers pass to the test's own thread, in their order.
template <typename T>
class Handed {
 public:
  void put(T thing) {
    const std::lock_guard lock(mutex_);
    things_.push_back(std::move(thing));
    changed_.notify_all();
  }

  /// Waits for the next one.
  T take() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !things_.empty(); }));
    T thing = std::move(things_.front());
    things_.pop_front();
    return thing;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> things_;
};

/// Something that happens once.
class Signal {
 public:
  void set() { happened_.put(true); }
  void wait() { happened_.take(); }

 private:
  Handed<bool> happened_;
};

}  // namespace seabag::test
