#pragma once

#include <cstdint>
#include <functional>

#include "seabag/load/plan.h"
#include "seabag/load/report.h"

namespace seabag::load {

/// How far a run is.
struct Progress {
  bool is_warming_up = false;
  double seconds = 0;           ///< since the warm-up, or of it
  double total_seconds = 0;     ///< of what is under way
  double answers_a_second = 0;  ///< since the last call
  std::uint64_t failures = 0;   ///< so far
};

/// Told a few times a second.
using Observer = std::function<void(const Progress&)>;

/// Asks the server once, and then puts the planned load on it. SIGINT and SIGTERM end it early:
/// what was measured until then is reported, if anything was. They are blocked meanwhile; call it
/// in the thread that made all others, or before there are any.
///
/// Errors, with the URL's authority as their path: those of `resolve` and `make_http1_request`;
/// those of connect(2), such as ECONNREFUSED; ECONNRESET when the server ends the connection
/// instead of answering, EPROTO when what it sends is no answer, ETIMEDOUT when it sends none;
/// ENOTSUP for https; EMFILE when the limit of descriptors does not allow that many connections;
/// EINVAL for a plan beyond its bounds.
[[nodiscard]] Result<Report> run(const Plan& plan, const Observer& observer = nullptr);

}  // namespace seabag::load
