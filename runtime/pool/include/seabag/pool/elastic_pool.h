#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "seabag/pool/lane.h"

namespace seabag::pool {

struct PoolOptions {
  /// Most threads; 0: 16 for each processor that this process may use.
  std::size_t threads = 0;
  /// A thread that has had nothing to do for this long ends.
  std::chrono::milliseconds idle{30'000};
  /// A thread is added when a task that may run has waited this long.
  std::chrono::microseconds patience{1'000};
};

struct PoolFigures {
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t most_threads = 0;
  std::vector<LaneFigures> lanes;
};

/// Threads for work that blocks, so that event loops never do. There are none until there is work;
/// they are made by a thread of the pool's own, one after the other while tasks wait, and end when
/// there has been nothing to do.
///
/// Tasks come in lanes, each with a bounded queue and a limit of its own; lanes with waiting tasks
/// are served in turn, and each in the order of its tasks. Signals are blocked in its threads.
///
/// Safe for concurrent use, but for the destructor.
class ElasticPool {
 public:
  /// Names a lane of one pool.
  class Lane;

  explicit ElasticPool(const PoolOptions& options = {});
  /// Refuses what waits (Refusal::shutting_down), and waits for what runs.
  ~ElasticPool();
  ElasticPool(const ElasticPool&) = delete;
  ElasticPool& operator=(const ElasticPool&) = delete;

  /// Lives as long as the pool.
  [[nodiscard]] Lane& add_lane(const LaneOptions& options);

  /// Runs `task` or refuses it, now or later. Takes a lock and allocates nothing.
  void submit(Lane& lane, std::unique_ptr<Task> task);

  /// Whether a task would be refused now, for want of space in the lane's queue.
  [[nodiscard]] bool is_full(const Lane& lane) const;

  [[nodiscard]] PoolFigures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seabag::pool
