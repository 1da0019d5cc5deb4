#include "seabag/vfs/executor.h"

#include <utility>

namespace seabag::vfs {

ThreadExecutor::ThreadExecutor(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t index = 0; index < threads; ++index) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

ThreadExecutor::~ThreadExecutor() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

void ThreadExecutor::execute(std::unique_ptr<Work> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  has_work_.notify_one();
}

void ThreadExecutor::run(const std::stop_token& stop) {
  while (true) {
    std::unique_ptr<Work> work;
    {
      std::unique_lock lock(mutex_);
      const bool woken = has_work_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (!woken || stop.stop_requested()) {
        return;
      }
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work->run();
  }
}

}  // namespace seabag::vfs
