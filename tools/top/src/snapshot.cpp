#include "seabag/top/snapshot.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace seabag::top {
namespace {

using Json = nlohmann::json;

/// The member of an object; null when there is none.
const Json& member(const Json& object, std::string_view name) {
  static const Json kNull;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? kNull : *found;
}

template <typename Number = std::uint64_t>
Number number(const Json& value) {
  return value.is_number() ? value.get<Number>() : Number{0};
}

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

template <typename Names, typename Counts>
void read_counts(const Json& object, const Names& names, Counts& counts) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    counts[i] = number(member(object, names[i]));
  }
}

server::LoopState state_of(const std::string& name) {
  using server::LoopState;
  for (const LoopState state : {LoopState::starting, LoopState::serving, LoopState::draining}) {
    if (admin::name_of(state) == name) {
      return state;
    }
  }
  return LoopState::ended;
}

admin::WorkerOverview read_worker(const Json& worker) {
  const auto at = [&](const char* name) { return number(member(worker, name)); };
  return {.process = number<std::int32_t>(member(worker, "process")),
          .state = state_of(text(member(worker, "state"))),
          .starts = static_cast<std::uint32_t>(at("starts")),
          .stalls = static_cast<std::uint32_t>(at("stalls")),
          .started_at = number<std::int64_t>(member(worker, "started_at")),
          .since_turn = at("since_turn"),
          .resident_size = at("resident_size"),
          .connections = static_cast<std::uint32_t>(at("connections")),
          .in_flight = at("in_flight"),
          .accepted = at("accepted"),
          .requests = at("requests"),
          .bytes = at("bytes")};
}

admin::QueueOverview read_queue(const Json& queue) {
  const auto at = [&](const char* name) { return number(member(queue, name)); };
  admin::QueueOverview read{.name = text(member(queue, "name")),
                            .waiting = at("waiting"),
                            .running = at("running"),
                            .concurrency = at("concurrency"),
                            .finished = at("finished"),
                            .waited = at("waited_ns")};
  read_counts(member(queue, "refused"), admin::kRefusalNames, read.refused);
  return read;
}

admin::Latency read_latency(const Json& latency) {
  std::vector<admin::Latency::Bucket> buckets;
  for (const Json& bucket : member(latency, "buckets")) {
    if (bucket.is_array() && bucket.size() == 2) {
      buckets.push_back({.longest = number(bucket[0]), .count = number(bucket[1])});
    }
  }
  return {std::move(buckets), number(member(latency, "sum_ns"))};
}

admin::Traffic read_traffic(const Json& status) {
  const Json& tls = member(status, "tls");
  admin::Traffic traffic{.http2_requests = number(member(member(status, "protocols"), "http2")),
                         .rejected = number(member(status, "rejected")),
                         .full_handshakes = number(member(tls, "full")),
                         .resumed_handshakes = number(member(tls, "resumed")),
                         .failed_handshakes = number(member(tls, "failed")),
                         .latency = read_latency(member(status, "latency"))};
  for (std::size_t digit = 1; digit < 6; ++digit) {
    traffic.statuses[digit] =
        number(member(member(status, "statuses"), std::to_string(digit) + "xx"));
  }
  read_counts(member(status, "encodings"), admin::kEncodingNames, traffic.encodings);
  return traffic;
}

}  // namespace

Result<admin::Overview> read_snapshot(std::string_view json) {
  const Json status = Json::parse(json, nullptr, false);
  if (!member(status, "workers").is_array()) {
    return make_error(std::errc::protocol_error, "read", "status.json", "no status of a server");
  }
  admin::Overview overview{.version = text(member(status, "version")),
                           .time = number<std::int64_t>(member(status, "time")),
                           .started_at = number<std::int64_t>(member(status, "started_at")),
                           .traffic = read_traffic(status)};
  for (const Json& worker : member(status, "workers")) {
    overview.workers.push_back(read_worker(worker));
  }
  for (const Json& queue : member(status, "queues")) {
    overview.queues.push_back(read_queue(queue));
  }
  return overview;
}

}  // namespace seabag::top
