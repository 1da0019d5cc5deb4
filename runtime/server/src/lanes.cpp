#include "seabag/server/lanes.h"

#include <algorithm>
#include <utility>

namespace seabag::server {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::uint64_t microseconds(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

Lanes::Lanes(const Router& router, const pool::PoolOptions& options)
    : router_(&router), pool_(options) {
  for (const pool::LaneOptions& lane : router.lanes()) {
    lanes_.push_back(&pool_.add_lane(lane));
  }
}

Lanes::~Lanes() = default;

const pool::LaneOptions& Lanes::options(std::size_t lane) const { return router_->lanes()[lane]; }

bool Lanes::is_full(std::size_t lane) const { return pool_.is_full(*lanes_[lane]); }

void Lanes::submit(std::size_t lane, std::unique_ptr<pool::Task> task) {
  pool_.submit(*lanes_[lane], std::move(task));
}

void Lanes::publish(std::span<LaneVitals> vitals) const {
  const pool::PoolFigures figures = pool_.figures();
  for (std::size_t i = 0; i < std::min(vitals.size(), figures.lanes.size()); ++i) {
    const pool::LaneFigures& lane = figures.lanes[i];
    LaneVitals& shown = vitals[i];
    const std::size_t length = std::min(lane.name.size(), LaneVitals::kLongestName);
    for (std::size_t at = 0; at < length; ++at) {
      shown.name[at].store(lane.name[at], kRelaxed);
    }
    shown.waiting.store(static_cast<std::uint32_t>(lane.waiting), kRelaxed);
    shown.running.store(static_cast<std::uint32_t>(lane.running), kRelaxed);
    shown.concurrency.store(static_cast<std::uint32_t>(lane.concurrency), kRelaxed);
    shown.finished.store(lane.finished, kRelaxed);
    for (std::size_t refusal = 0; refusal < pool::kRefusals; ++refusal) {
      shown.refused[refusal].store(lane.refused[refusal], kRelaxed);
    }
    shown.waited.store(microseconds(lane.waited), kRelaxed);
    shown.longest_wait.store(microseconds(lane.longest_wait), kRelaxed);
  }
}

}  // namespace seabag::server
