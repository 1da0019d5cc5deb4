#include "seabag/admin/overview.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "seabag/net/descriptor.h"

namespace seabag::admin {
namespace {

constexpr std::int64_t kMillisecondsPerSecond = 1'000;
constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

std::int64_t milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kMillisecondsPerSecond + now.tv_nsec / kNanosecondsPerMillisecond;
}

// The second number of /proc/PID/statm (proc(5)), in pages. 0 without /proc.
std::uint64_t resident_size(std::int32_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/statm";
  const net::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  const ssize_t size = file.is_open() ? read(file.get(), text.data(), text.size()) : -1;
  if (size <= 0) {
    return 0;
  }
  const char* const start = text.data();
  const char* const end = start + size;
  const char* const second = std::find(start, end, ' ');
  std::uint64_t pages = 0;
  if (second != end) {
    (void)std::from_chars(second + 1, end, pages);  // stays 0 when it is no number
  }
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

WorkerOverview read_worker(const workers::WorkerSlot& slot, std::uint64_t present) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  const server::Vitals& vitals = slot.vitals;
  WorkerOverview worker{.process = slot.process.load(kRelaxed),
                        .state = vitals.state.load(kRelaxed),
                        .starts = slot.starts.load(kRelaxed),
                        .stalls = slot.stalls.load(kRelaxed),
                        .started_at = slot.started_at.load(kRelaxed),
                        .connections = vitals.connections.load(kRelaxed),
                        .in_flight = vitals.in_flight.load(kRelaxed),
                        .accepted = vitals.accepted.load(kRelaxed),
                        .requests = vitals.requests.load(kRelaxed),
                        .bytes = vitals.bytes.load(kRelaxed)};
  const std::uint64_t turned = vitals.heartbeat.load(std::memory_order_acquire);
  worker.since_turn = turned == 0 || turned > present ? 0 : present - turned;
  worker.resident_size = worker.process > 0 ? resident_size(worker.process) : 0;
  return worker;
}

template <std::size_t size>
void add_all(std::array<std::uint64_t, size>& totals,
             const std::array<server::Vitals::Counter, size>& counters) {
  for (std::size_t i = 0; i < size; ++i) {
    totals[i] += counters[i].load(std::memory_order_relaxed);
  }
}

void add_traffic(Traffic& traffic, const server::Vitals& vitals) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  add_all(traffic.statuses, vitals.statuses);
  add_all(traffic.encodings, vitals.encodings);
  traffic.http2_requests += vitals.http2_requests.load(kRelaxed);
  traffic.rejected += vitals.rejected.load(kRelaxed);
  traffic.full_handshakes += vitals.full_handshakes.load(kRelaxed);
  traffic.resumed_handshakes += vitals.resumed_handshakes.load(kRelaxed);
  traffic.failed_handshakes += vitals.failed_handshakes.load(kRelaxed);
  traffic.latency.add(vitals.latencies);
}

std::string name_of(const server::LaneVitals& lane) {
  std::string name;
  for (const auto& letter : lane.name) {
    const char c = letter.load(std::memory_order_relaxed);
    if (c == '\0') {
      break;
    }
    name += c;
  }
  return name;
}

/// Each process has lanes of its own, with the names of the others'.
void add_queue(std::vector<QueueOverview>& queues, const server::LaneVitals& lane) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  constexpr std::uint64_t kNanosecondsPerMicrosecond = 1'000;
  const std::string name = name_of(lane);
  if (name.empty()) {
    return;
  }
  auto queue = std::find_if(queues.begin(), queues.end(),
                            [&](const QueueOverview& one) { return one.name == name; });
  if (queue == queues.end()) {
    queue = queues.insert(queues.end(), QueueOverview{.name = name});
  }
  queue->waiting += lane.waiting.load(kRelaxed);
  queue->running += lane.running.load(kRelaxed);
  queue->concurrency += lane.concurrency.load(kRelaxed);
  queue->finished += lane.finished.load(kRelaxed);
  static_assert(std::tuple_size_v<decltype(queue->refused)> == pool::kRefusals);
  for (std::size_t i = 0; i < pool::kRefusals; ++i) {
    queue->refused[i] += lane.refused[i].load(kRelaxed);
  }
  queue->waited += lane.waited.load(kRelaxed) * kNanosecondsPerMicrosecond;
}

}  // namespace

bool Overview::is_ready() const {
  const auto has = [this](server::LoopState state) {
    return std::any_of(workers.begin(), workers.end(),
                       [state](const WorkerOverview& worker) { return worker.state == state; });
  };
  return has(server::LoopState::serving) && !has(server::LoopState::draining);
}

Overview read_overview(const workers::Scoreboard& board, std::string_view version,
                       std::int64_t started_at) {
  Overview overview{.version = std::string(version),
                    .time = milliseconds(CLOCK_REALTIME),
                    .started_at = started_at};
  const auto present = static_cast<std::uint64_t>(milliseconds(CLOCK_MONOTONIC));
  for (const workers::WorkerSlot& slot : board.slots()) {
    overview.workers.push_back(read_worker(slot, present));
    add_traffic(overview.traffic, slot.vitals);
    for (const server::LaneVitals& lane : slot.lanes) {
      add_queue(overview.queues, lane);
    }
  }
  return overview;
}

std::string_view name_of(server::LoopState state) {
  switch (state) {
    case server::LoopState::starting:
      return "starting";
    case server::LoopState::serving:
      return "serving";
    case server::LoopState::draining:
      return "draining";
    case server::LoopState::ended:
      break;
  }
  return "ended";
}

}  // namespace seabag::admin
