#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "seabag/pool/elastic_pool.h"
#include "seabag/server/router.h"

namespace seabag::server {

/// What a lane shows of itself, in memory that processes may share: written by one thread, read at
/// any time by others. Values are at most Vitals::kBeat old, and no snapshot.
struct alignas(64) LaneVitals {
  static constexpr std::size_t kLongestName = 63;
  /// Ends at the first zero; empty: there is no such lane.
  std::array<std::atomic<char>, kLongestName + 1> name{};
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<std::uint32_t> running{0};
  std::atomic<std::uint32_t> concurrency{0};  ///< the limit that holds now
  std::atomic<std::uint64_t> finished{0};
  /// By pool::Refusal.
  std::array<std::atomic<std::uint64_t>, pool::kRefusals> refused{};
  std::atomic<std::uint64_t> waited{0};        ///< microseconds, all that were begun together
  std::atomic<std::uint64_t> longest_wait{0};  ///< microseconds
};

/// Lanes whose vitals are shown.
inline constexpr std::size_t kShownLanes = 16;

/// The lanes of a router's blocking handlers, on a pool of their own. Servers of one process share
/// one; make it behind the last fork, since its threads do not survive one. Safe for concurrent
/// use.
class Lanes {
 public:
  /// `router` must outlive this, and gets no more routes.
  explicit Lanes(const Router& router, const pool::PoolOptions& options = {});
  /// As ElasticPool: waits for handlers that run.
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  [[nodiscard]] const pool::LaneOptions& options(std::size_t lane) const;
  [[nodiscard]] bool is_full(std::size_t lane) const;
  void submit(std::size_t lane, std::unique_ptr<pool::Task> task);

  /// Shows how the first of them are.
  void publish(std::span<LaneVitals> vitals) const;

 private:
  const Router* router_;
  pool::ElasticPool pool_;
  std::vector<pool::ElasticPool::Lane*> lanes_;
};

}  // namespace seabag::server
