#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "seabag/pool/elastic_pool.h"

namespace seabag::pool {

/// One lane: a ring of waiting tasks, and what it may run. One thread at a time, but for `is_full`.
class ElasticPool::Lane {
 public:
  struct Waiting {
    std::unique_ptr<Task> task;
    Clock::time_point since;
  };

  /// `threads` is the pool's most.
  Lane(const LaneOptions& options, std::size_t threads);

  /// Any thread may ask.
  [[nodiscard]] bool is_full() const {
    return count_.load(std::memory_order_relaxed) == ring_.size();
  }
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  /// Whether one of its tasks may run now.
  [[nodiscard]] bool is_ready() const { return count_ > 0 && running_ < concurrency(); }

  /// The ring must not be full.
  void push(std::unique_ptr<Task> task, Clock::time_point now);
  /// The first that waits; the ring must not be empty.
  [[nodiscard]] const Waiting& front() const { return ring_[first_]; }
  [[nodiscard]] Waiting pop();

  /// The first task, when it has waited too long.
  [[nodiscard]] std::optional<Waiting> pop_overdue(Clock::time_point now);
  /// When the first task will have waited too long; the ring must not be empty.
  [[nodiscard]] Clock::time_point overdue_at() const { return front().since + options_.wait; }

  void on_begun(std::chrono::nanoseconds waited);
  void on_finished(std::chrono::nanoseconds took);
  void on_refused(Refusal refusal) { ++figures_.refused[static_cast<std::size_t>(refusal)]; }

  [[nodiscard]] LaneFigures figures() const;

 private:
  [[nodiscard]] std::size_t concurrency() const;

  LaneOptions options_;
  std::vector<Waiting> ring_;
  std::size_t first_ = 0;
  std::atomic<std::size_t> count_ = 0;
  std::size_t running_ = 0;
  GradientLimit adaptive_;
  LaneFigures figures_;
};

}  // namespace seabag::pool
