#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace seabag::bundler {
namespace {

constexpr std::chrono::milliseconds kTick{100};

/// What the threads of one run share.
struct Run {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  ///< for what follows
  std::condition_variable ended;
  unsigned running = 0;
  std::size_t failed_task = std::numeric_limits<std::size_t>::max();
  std::optional<Error> error;

  void fail(std::size_t task, Error reason, std::size_t count) {
    next.store(count);
    const std::lock_guard lock(mutex);
    if (task < failed_task) {
      failed_task = task;
      error = std::move(reason);
    }
  }
};

void work(Run& run, unsigned worker, std::size_t count, const Task& task) {
  for (;;) {
    const std::size_t mine = run.next.fetch_add(1);
    if (mine >= count) {
      break;
    }
    auto done = task(worker, mine);
    if (!done) {
      run.fail(mine, std::move(done).error(), count);
    }
  }
  const std::lock_guard lock(run.mutex);
  --run.running;
  run.ended.notify_one();
}

}  // namespace

unsigned worker_count(unsigned wanted) {
  constexpr unsigned kMostWorkers = 256;
  const unsigned count = wanted > 0 ? wanted : std::thread::hardware_concurrency();
  return std::clamp(count, 1U, kMostWorkers);
}

Result<void> run_parallel(unsigned jobs, std::size_t count, const Task& task,
                          const std::function<void()>& on_tick) {
  Run run;
  std::vector<std::thread> threads;
  run.running = static_cast<unsigned>(std::min<std::size_t>(jobs, count));
  threads.reserve(run.running);
  for (unsigned worker = 0, workers = run.running; worker < workers; ++worker) {
    threads.emplace_back([&, worker] { work(run, worker, count, task); });
  }
  {
    std::unique_lock lock(run.mutex);
    while (!run.ended.wait_for(lock, kTick, [&] { return run.running == 0; })) {
      lock.unlock();
      on_tick();
      lock.lock();
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return run.error ? Result<void>(std::move(*run.error)) : Result<void>();
}

}  // namespace seabag::bundler
