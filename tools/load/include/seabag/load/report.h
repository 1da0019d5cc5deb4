#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seabag/metrics/histogram.h"

namespace seabag::load {

/// Latencies are counted in nanoseconds up to an hour.
inline constexpr std::uint64_t kHighestLatency = 3'600'000'000'000;

/// Requests that got no answer, by what went wrong.
struct Failures {
  std::uint64_t connect = 0;    ///< no connection
  std::uint64_t closed = 0;     ///< the connection ended, or broke, before the whole answer
  std::uint64_t malformed = 0;  ///< what came is no answer
  std::uint64_t timed_out = 0;  ///< nothing came for too long

  [[nodiscard]] std::uint64_t total() const { return connect + closed + malformed + timed_out; }
  friend bool operator==(const Failures&, const Failures&) = default;
};

/// What happened to the requests that were measured.
struct Counts {
  std::uint64_t answers = 0;
  /// By the first digit of their status: `classes[2]` are the 2xx.
  std::array<std::uint64_t, 6> classes{};
  std::uint64_t received_bytes = 0;  ///< heads and content, as they came
  Failures failures;
  /// Sent again because the server ended the connection after an earlier answer, as it may.
  std::uint64_t resent = 0;
  std::uint64_t connections_opened = 0;  ///< of the whole run
  /// Of an open loop: requests that were due, and those of them that had no answer in the end.
  /// Their latency until then counts.
  std::uint64_t due = 0;
  std::uint64_t unanswered = 0;

  void add(const Counts& other);
};

/// What processors did while it was measured.
struct ProcessorUse {
  unsigned processors = 1;             ///< that the loader may use
  double loader_seconds = 0;           ///< of all its threads
  double busiest_thread = 0;           ///< fraction of the time that it ran
  double waited = 0;                   ///< fraction that one thread at most waited for a processor
  double machine_processors = 1;       ///< that the machine has
  std::optional<double> machine = {};  ///< fraction of all processors that was in use
  /// Of the processes that hold the listening socket, when they are here and can be seen.
  std::optional<double> server_seconds = {};
  std::vector<int> server_processes = {};
};

/// What was measured. A value; every figure is of the time after the warm-up.
struct Report {
  std::string address;  ///< that was connected to
  unsigned connections = 0;
  unsigned threads = 0;
  bool is_open_loop = false;
  bool is_interrupted = false;  ///< it was ended early
  double seconds = 0;
  Counts counts;
  /// From when a request was due (open loop) or begun (closed loop) to the last byte of its answer,
  /// in nanoseconds.
  metrics::Histogram latency{kHighestLatency};
  /// Open loop: how late requests were begun, and how late the loader itself was with those that
  /// had a connection waiting for them.
  metrics::Histogram start_delay{kHighestLatency};
  metrics::Histogram own_delay{kHighestLatency};
  /// Closed loop: for how long the oldest request had had no answer in the end, in nanoseconds.
  std::uint64_t oldest_unanswered = 0;
  ProcessorUse use;
  std::string first_failure;  ///< in words
};

/// A reason not to take the figures for the server's.
enum class Caveat : std::uint8_t {
  loader_saturated,  ///< a thread of the loader had no time left
  loader_starved,    ///< the loader waited for processors that others used
  busy_machine,      ///< others than loader and server used much of the processors
  late_loader,       ///< open loop: the loader began requests too late
  late_server,       ///< open loop: no connection was free when requests were due
  unanswered,        ///< requests without an answer: the highest percentiles are lower bounds
  failures,          ///< requests failed
  no_success,        ///< no answer was a 2xx or 3xx
  interrupted,       ///< it was ended early
};

/// All that apply, in this order.
[[nodiscard]] std::vector<Caveat> caveats_of(const Report& report);

}  // namespace seabag::load
