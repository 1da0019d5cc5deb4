#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/server/vitals.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::admin {

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

/// A server at one moment.
struct Overview {
  std::string version;
  std::int64_t time = 0;        ///< milliseconds since 1970
  std::int64_t started_at = 0;  ///< the same
  std::vector<WorkerOverview> workers;

  /// Whether it takes requests: some worker serves, and none has been told to end.
  [[nodiscard]] bool is_ready() const;
};

/// Reads the board, and the size of each process from /proc where it is mounted. Safe for
/// concurrent use.
[[nodiscard]] Overview read_overview(const workers::Scoreboard& board, std::string_view version,
                                     std::int64_t started_at);

/// `starting`, `serving`, `draining`, `ended`.
[[nodiscard]] std::string_view name_of(server::LoopState state);

/// For Prometheus: the text exposition format 0.0.4, with a series for each worker.
[[nodiscard]] std::string metrics_text(const Overview& overview);

/// The same for programs: one JSON object; times and sizes in the units of Overview.
[[nodiscard]] std::string status_json(const Overview& overview);

}  // namespace seabag::admin
