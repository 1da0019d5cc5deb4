#include "seabag/workers/scoreboard.h"

#include <sys/mman.h>

#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>

namespace seabag::workers {

Result<Scoreboard> Scoreboard::create(std::size_t workers) {
  void* memory = mmap(nullptr, workers * sizeof(WorkerSlot), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return errno_error(errno, "mmap");
  }
  auto* slots = static_cast<WorkerSlot*>(memory);
  std::uninitialized_default_construct_n(slots, workers);
  return Scoreboard({slots, workers});
}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept : slots_(std::exchange(other.slots_, {})) {}

Scoreboard::~Scoreboard() {
  if (!slots_.empty()) {
    munmap(slots_.data(), slots_.size_bytes());
  }
}

void Scoreboard::note_start(WorkerSlot& slot) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  slot.vitals.restart();
  slot.starts.fetch_add(1, std::memory_order_relaxed);
  slot.started_at.store(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000,
                        std::memory_order_relaxed);
}

}  // namespace seabag::workers
