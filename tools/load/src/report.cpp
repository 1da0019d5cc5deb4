#include "seabag/load/report.h"

#include <algorithm>

namespace seabag::load {

namespace {

// A thread this busy answers late itself.
constexpr double kSaturated = 0.9;
// A schedule holds when 99 % of the requests begin this exactly, in nanoseconds.
constexpr std::uint64_t kLate = 1'000'000;
constexpr double kLateQuantile = 0.99;

// Others than loader and server may have this part of all processors.
constexpr double kOthers = 0.2;

// Unknown where the server's part is: it may be any of them.
bool is_used_by_others(const Report& report) {
  const ProcessorUse& use = report.use;
  if (!use.machine || !use.server_seconds || report.seconds <= 0) {
    return false;
  }
  const double own =
      (use.loader_seconds + *use.server_seconds) / (report.seconds * use.machine_processors);
  return *use.machine - own > kOthers;
}

bool is_late(const metrics::Histogram& delay) {
  return delay.count() != 0 && delay.value_at(kLateQuantile) > kLate;
}

}  // namespace

void Counts::add(const Counts& other) {
  answers += other.answers;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    classes[i] += other.classes[i];
  }
  received_bytes += other.received_bytes;
  failures.connect += other.failures.connect;
  failures.closed += other.failures.closed;
  failures.malformed += other.failures.malformed;
  failures.timed_out += other.failures.timed_out;
  resent += other.resent;
  connections_opened += other.connections_opened;
  due += other.due;
  unanswered += other.unanswered;
}

std::vector<Caveat> caveats_of(const Report& report) {
  std::vector<Caveat> caveats;
  const auto add = [&](bool applies, Caveat caveat) {
    if (applies) {
      caveats.push_back(caveat);
    }
  };
  const ProcessorUse& use = report.use;
  const bool is_saturated = use.busiest_thread >= kSaturated;
  add(is_saturated, Caveat::loader_saturated);
  add(!is_saturated && use.busiest_thread + use.waited >= kSaturated && use.waited > 0.05,
      Caveat::loader_starved);
  add(is_used_by_others(report), Caveat::busy_machine);
  const bool loader_is_late = is_late(report.own_delay);
  add(loader_is_late, Caveat::late_loader);
  add(!loader_is_late && is_late(report.start_delay), Caveat::late_server);
  add(report.is_open_loop ? report.counts.unanswered != 0
                          : report.oldest_unanswered > std::max(report.latency.max(), kLate * 100),
      Caveat::unanswered);
  add(report.counts.failures.total() != 0, Caveat::failures);
  add(report.counts.classes[2] + report.counts.classes[3] == 0, Caveat::no_success);
  add(report.is_interrupted, Caveat::interrupted);
  return caveats;
}

}  // namespace seabag::load
