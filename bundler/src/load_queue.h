#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "batch.h"

namespace seabag::bundler {

/// One thread finds, several load, one consumes: batches come out in the order in which they were
/// found, whoever loaded them, and a fixed number of them is under way at a time.
class LoadQueue final : public BatchSink {
 public:
  using Load = std::function<void(Batch&)>;
  using Find = std::function<void(BatchSink&)>;

  /// Starts the threads. `find` runs on one of them and submits batches; `load` runs on `workers`
  /// others, at the same time for several batches.
  LoadQueue(unsigned workers, Find find, const Load& load);
  /// Ends the threads, early when not everything was consumed.
  ~LoadQueue() override;
  LoadQueue(const LoadQueue&) = delete;
  LoadQueue& operator=(const LoadQueue&) = delete;

  enum class Wait : std::uint8_t { ready, timeout, end };

  /// Waits for the next batch in order. On `ready` it is in `front()` until `pop()`.
  [[nodiscard]] Wait wait(std::chrono::milliseconds patience);
  [[nodiscard]] Batch& front();
  void pop();

  [[nodiscard]] Batch& current() override;
  [[nodiscard]] bool submit() override;

 private:
  enum class State : std::uint8_t { empty, found, loaded };
  struct Slot {
    Batch batch;
    State state = State::empty;
  };

  void run_finder(const Find& find);
  void run_worker(const Load& load);
  [[nodiscard]] Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }

  std::mutex mutex_;
  std::condition_variable room_;    ///< for the finder
  std::condition_variable work_;    ///< for the workers
  std::condition_variable result_;  ///< for the consumer
  std::vector<Slot> slots_;         ///< a ring; the numbers below grow without end
  std::uint64_t found_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t consumed_ = 0;
  bool is_complete_ = false;  ///< nothing more will be found
  bool is_refused_ = false;   ///< the finder has been told to end; its own
  Batch discarded_;           ///< what it fills after that; its own
  bool is_stopped_ = false;   ///< nothing more is wanted
  std::vector<std::thread> threads_;
};

}  // namespace seabag::bundler
