#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "seabag/pool/gradient_limit.h"

namespace seabag::pool {

using Clock = std::chrono::steady_clock;

/// Why a task was not begun.
enum class Refusal : std::uint8_t {
  queue_full,  ///< LaneOptions::queue
  waited,      ///< LaneOptions::wait
  late,        ///< the task's own deadline has passed
  shutting_down,
};
inline constexpr std::size_t kRefusals = 4;

/// Something to be done once, that may block. Exactly one of the two is called.
class Task {
 public:
  virtual ~Task() = default;
  /// On a thread of the pool. Must not throw.
  virtual void run() = 0;
  /// On any thread, also inside of ElasticPool::submit: short, and without a call of the pool.
  virtual void refuse(Refusal refusal) = 0;

  /// After this moment nobody waits for it any more.
  Clock::time_point deadline = Clock::time_point::max();
};

/// Whether LaneOptions::concurrency is a limit or the most that may be learned.
enum class LimitKind : std::uint8_t { fixed, adaptive };

/// What tasks of one kind (of one route) may use of a pool.
struct LaneOptions {
  std::string name;
  /// Tasks that run at the same time; 0: three quarters of the pool's threads, so that a kind whose
  /// tasks all hang leaves the others some.
  std::size_t concurrency = 0;
  LimitKind limit = LimitKind::fixed;
  /// Tasks that wait at the same time.
  std::size_t queue = 256;
  /// How long one may wait before it is refused.
  std::chrono::milliseconds wait{1'000};
};

/// What a lane is doing and has done.
struct LaneFigures {
  std::string name;
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::size_t concurrency = 0;  ///< the limit that holds now
  std::uint64_t finished = 0;
  std::array<std::uint64_t, kRefusals> refused{};  ///< by Refusal
  std::chrono::nanoseconds waited{0};              ///< all that were begun, together
  std::chrono::nanoseconds longest_wait{0};
};

}  // namespace seabag::pool
