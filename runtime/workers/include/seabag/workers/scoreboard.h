#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "seabag/server/lanes.h"
#include "seabag/server/vitals.h"
#include "seabag/vfs/result.h"

namespace seabag::workers {

/// One worker as others see it: a cache line, and others that the worker writes itself.
struct alignas(64) WorkerSlot {
  /// Its process; 0: there is none now. Threads of one process all have its number.
  std::atomic<std::int32_t> process{0};
  /// How many times a worker has been started in this place.
  std::atomic<std::uint32_t> starts{0};
  /// When the present one was started: milliseconds since 1970.
  std::atomic<std::int64_t> started_at{0};
  /// How many of them had to be ended because their loop was stuck.
  std::atomic<std::uint32_t> stalls{0};

  /// Totals go on when a worker is replaced.
  server::Vitals vitals;
  /// Of blocking handlers; totals begin again when a worker is replaced. Workers that are threads
  /// share their lanes, which the first one's slot shows.
  std::array<server::LaneVitals, server::kShownLanes> lanes;
};

static_assert(offsetof(WorkerSlot, vitals) == 64);

/// The slots of all workers, in memory that processes forked from here share. Whoever shows how the
/// server is (`/status`, `/metrics`) reads them at any time; nothing is ever locked. A successor
/// that an upgrade starts has a board of its own.
class Scoreboard {
 public:
  /// Errors: ENOMEM.
  [[nodiscard]] static Result<Scoreboard> create(std::size_t workers);
  Scoreboard(Scoreboard&& other) noexcept;
  Scoreboard& operator=(Scoreboard&&) = delete;
  Scoreboard(const Scoreboard&) = delete;
  Scoreboard& operator=(const Scoreboard&) = delete;
  ~Scoreboard();

  /// One for each worker, in their order. Lives as long as this object.
  [[nodiscard]] std::span<WorkerSlot> slots() const { return slots_; }

  /// Notes in a slot that a worker starts now; its process is told separately.
  static void note_start(WorkerSlot& slot);

 private:
  explicit Scoreboard(std::span<WorkerSlot> slots) : slots_(slots) {}

  std::span<WorkerSlot> slots_;
};

}  // namespace seabag::workers
