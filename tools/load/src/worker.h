#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "processors.h"
#include "seabag/load/plan.h"
#include "seabag/load/report.h"
#include "seabag/load/schedule.h"
#include "seabag/net/descriptor.h"

namespace seabag::load {

/// CLOCK_MONOTONIC, which costs no system call.
[[nodiscard]] Moment now();

/// What all threads of a run share, and does not change.
struct Assignment {
  const Plan& plan;
  const Endpoint& endpoint;
  const std::string& request;
  /// What begins or is answered from here ...
  Moment measured_from = 0;
  /// ... to here counts.
  Moment measured_until = 0;
};

/// A thread's part of it.
struct Share {
  unsigned connections = 1;
  /// Open loop: when its first request is due, and nanoseconds from one to the next.
  Moment first = 0;
  double period = 0;
};

/// What one thread found out.
struct Findings {
  Counts counts;
  metrics::Histogram latency{kHighestLatency};
  metrics::Histogram start_delay{kHighestLatency};
  metrics::Histogram own_delay{kHighestLatency};
  std::uint64_t oldest_unanswered = 0;
  std::string first_failure;
  ThreadTimes use;     ///< of the thread, while it was measured
  double seconds = 0;  ///< that this took
};

/// One thread's connections and their load. One thread at a time, but for what is said.
class Worker final : private Dispatcher, private net::Watcher {
 public:
  /// Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] static Result<std::unique_ptr<Worker>> make(const Assignment& assignment,
                                                            const Share& share);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() override;

  /// Returns when the time is over; an open loop waits a little for answers that are missing.
  /// Errors: those of the event loop.
  [[nodiscard]] Result<void> run();
  /// What was found when `run` has returned.
  [[nodiscard]] const Findings& findings() const { return findings_; }

  /// Ends the time now. Safe from every thread, also before `run`.
  void stop();
  /// Of all so far, measured or not. Safe from every thread.
  [[nodiscard]] std::uint64_t answers() const { return answers_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  Worker(const Assignment& assignment, const Share& share, std::unique_ptr<net::EventLoop> loop,
         net::Descriptor ticker);

  void on_answer(Moment start, unsigned status) override;
  void on_wakeup() override;
  [[nodiscard]] std::optional<Moment> next_start() override;
  void on_free(Connection& connection) override;
  void on_opened() override { ++findings_.counts.connections_opened; }
  void on_received(std::size_t bytes) override;
  void on_failure(const Failure& failure, const std::vector<Moment>& starts) override;
  void on_returned(const std::vector<Moment>& starts) override;
  void on_ready(net::Readiness readiness) override;

  [[nodiscard]] Result<void> start_ticker();
  void make_connections();
  [[nodiscard]] std::optional<Moment> take_due();
  void give_due();
  void measure_use();
  [[nodiscard]] bool is_over() const;
  void count_open_requests();
  [[nodiscard]] bool is_measured(Moment start) const;

  const Assignment& assignment_;
  Share share_;
  bool is_open_loop_;
  Moment until_;
  Moment now_ = 0;
  Moment use_since_ = 0;  ///< since when the thread's use is counted; 0: not yet
  ThreadTimes use_before_;
  Schedule schedule_;
  std::deque<Moment> returned_;  ///< requests to be sent again, open loop
  std::uint64_t under_way_ = 0;
  Findings findings_;
  std::vector<char> space_;
  std::unique_ptr<net::EventLoop> loop_;
  net::Descriptor ticker_;  ///< a timer that ends waits: at the end, or whenever requests are due
  Surroundings surroundings_;
  std::deque<Connection*> free_;  ///< open loop: the ones that wait longest first
  std::vector<std::unique_ptr<Connection>> connections_;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<std::uint64_t> answers_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace seabag::load
