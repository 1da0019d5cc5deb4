#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/admin/latency.h"
#include "seabag/server/vitals.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::admin {

/// Why a queue refuses: it is full, the wait was too long, the deadline has passed, the end is
/// near.
inline constexpr std::array<std::string_view, 4> kRefusalNames = {"full", "waited", "late",
                                                                  "ending"};

/// One worker at one moment.
struct WorkerOverview {
  std::int32_t process = 0;  ///< 0: there is none now
  server::LoopState state = server::LoopState::starting;
  std::uint32_t starts = 0;
  std::uint32_t stalls = 0;
  std::int64_t started_at = 0;      ///< milliseconds since 1970
  std::uint64_t since_turn = 0;     ///< milliseconds since its loop turned last
  std::uint64_t resident_size = 0;  ///< bytes of memory, shared ones included; 0: not known
  std::uint32_t connections = 0;
  std::uint64_t in_flight = 0;
  // Totals, which go on when a worker is replaced:
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
};

/// A queue in front of work that blocks, of all workers together.
struct QueueOverview {
  std::string name;
  std::uint64_t waiting = 0;
  std::uint64_t running = 0;
  std::uint64_t concurrency = 0;  ///< most that may run
  std::uint64_t finished = 0;
  std::array<std::uint64_t, kRefusalNames.size()> refused{};  ///< in the order of kRefusalNames
  std::uint64_t waited = 0;  ///< nanoseconds, of all that have begun
};

/// What all workers have answered, in total.
struct Traffic {
  std::array<std::uint64_t, 10> statuses{};  ///< answers by the first digit of their status
  std::array<std::uint64_t, vfs::kEncodingCount> encodings{};  ///< in the order of vfs::Encoding
  std::uint64_t http2_requests = 0;
  std::uint64_t rejected = 0;  ///< connections that were too many
  std::uint64_t full_handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
  std::uint64_t failed_handshakes = 0;
  Latency latency;
};

/// A server at one moment.
struct Overview {
  std::string version;
  std::int64_t time = 0;        ///< milliseconds since 1970
  std::int64_t started_at = 0;  ///< the same
  std::vector<WorkerOverview> workers;
  Traffic traffic;
  std::vector<QueueOverview> queues;

  /// One number of all workers together.
  template <typename Number>
  [[nodiscard]] std::uint64_t sum(Number WorkerOverview::*number) const {
    std::uint64_t all = 0;
    for (const WorkerOverview& worker : workers) {
      all += worker.*number;
    }
    return all;
  }
  /// Whether it takes requests: some worker serves, and none has been told to end.
  [[nodiscard]] bool is_ready() const;
};

/// Reads the board, and the size of each process from /proc where it is mounted. Safe for
/// concurrent use.
[[nodiscard]] Overview read_overview(const workers::Scoreboard& board, std::string_view version,
                                     std::int64_t started_at);

/// `starting`, `serving`, `draining`, `ended`.
[[nodiscard]] std::string_view name_of(server::LoopState state);

/// `identity`, `gzip`, `br`, `zstd`, in the order of vfs::Encoding.
inline constexpr std::array<std::string_view, vfs::kEncodingCount> kEncodingNames = {
    "identity", "gzip", "br", "zstd"};

/// For Prometheus: the text exposition format 0.0.4, with a series for each worker.
[[nodiscard]] std::string metrics_text(const Overview& overview);

/// The same for programs: one JSON object; times and sizes in the units of Overview.
[[nodiscard]] std::string status_json(const Overview& overview);

}  // namespace seabag::admin
