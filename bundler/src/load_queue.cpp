#include "load_queue.h"

#include <algorithm>

namespace seabag::bundler {
namespace {

/// Enough to keep every worker busy while the consumer is slow, few enough to bound memory and the
/// directories that are open.
std::size_t slot_count(unsigned workers) { return std::min<std::size_t>(4 + 2 * workers, 24); }

}  // namespace

LoadQueue::LoadQueue(unsigned workers, Find find, const Load& load) : slots_(slot_count(workers)) {
  threads_.emplace_back([this, find = std::move(find)] { run_finder(find); });
  for (unsigned count = 0; count < workers; ++count) {
    threads_.emplace_back([this, load] { run_worker(load); });
  }
}

LoadQueue::~LoadQueue() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  room_.notify_all();
  work_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void LoadQueue::run_finder(const Find& find) {
  find(*this);
  {
    const std::lock_guard lock(mutex_);
    if (!is_refused_) {
      slot(found_).state = State::found;
      ++found_;
    }
    is_complete_ = true;
  }
  work_.notify_all();
}

void LoadQueue::run_worker(const Load& load) {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return is_stopped_ || is_complete_ || taken_ < found_; });
    if (is_stopped_ || taken_ == found_) {
      return;
    }
    Slot& mine = slot(taken_++);
    lock.unlock();
    load(mine.batch);
    lock.lock();
    mine.state = State::loaded;
    result_.notify_one();
  }
}

Batch& LoadQueue::current() { return is_refused_ ? discarded_ : slot(found_).batch; }

bool LoadQueue::submit() {
  if (is_refused_) {
    discarded_.clear();
    return false;
  }
  std::unique_lock lock(mutex_);
  slot(found_).state = State::found;
  ++found_;
  work_.notify_one();
  room_.wait(lock, [&] { return is_stopped_ || slot(found_).state == State::empty; });
  is_refused_ = is_stopped_;
  return !is_refused_;
}

LoadQueue::Wait LoadQueue::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const bool is_told = result_.wait_for(lock, patience, [&] {
    return slot(consumed_).state == State::loaded || (is_complete_ && consumed_ == found_);
  });
  if (!is_told) {
    return Wait::timeout;
  }
  return consumed_ == found_ ? Wait::end : Wait::ready;
}

Batch& LoadQueue::front() { return slot(consumed_).batch; }

void LoadQueue::pop() {
  Slot& mine = slot(consumed_);
  mine.batch.clear();
  const std::lock_guard lock(mutex_);
  mine.state = State::empty;
  ++consumed_;
  room_.notify_one();
}

}  // namespace seabag::bundler
