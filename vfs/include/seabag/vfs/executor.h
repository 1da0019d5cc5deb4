#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace seabag::vfs {

/// Something to be done once, on some thread. Dropping it without running it is allowed.
class Work {
 public:
  virtual ~Work() = default;
  virtual void run() = 0;
};

/// Where asynchronous calls are made. Safe for concurrent use.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs `work` soon, on a thread of its own choice, or drops it when it shuts down.
  virtual void execute(std::unique_ptr<Work> work) = 0;
};

/// Some threads with one queue, first in, first out. Its destructor drops what has not begun, and
/// waits for what has.
class ThreadExecutor final : public Executor {
 public:
  /// `threads` must not be 0.
  explicit ThreadExecutor(std::size_t threads);
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  void execute(std::unique_ptr<Work> work) override;

 private:
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any has_work_;
  std::deque<std::unique_ptr<Work>> queue_;  ///< guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace seabag::vfs
