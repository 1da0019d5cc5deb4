#include <algorithm>

#include "seabag/admin/overview.h"
#include "seabag/http/json_writer.h"

namespace seabag::admin {
namespace {

using http::JsonWriter;

void add_worker(JsonWriter& json, const WorkerOverview& worker) {
  json.begin_object()
      .member("process", worker.process)
      .member("state", name_of(worker.state))
      .member("starts", worker.starts)
      .member("stalls", worker.stalls)
      .member("started_at", worker.started_at)
      .member("since_turn", worker.since_turn)
      .member("resident_size", worker.resident_size)
      .member("connections", worker.connections)
      .member("in_flight", worker.in_flight)
      .member("accepted", worker.accepted)
      .member("requests", worker.requests)
      .member("bytes", worker.bytes)
      .end_object();
}

template <typename Names, typename Counts>
void add_counts(JsonWriter& json, std::string_view name, const Names& names, const Counts& counts) {
  json.name(name).begin_object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    json.member(names[i], counts[i]);
  }
  json.end_object();
}

void add_latency(JsonWriter& json, const Latency& latency) {
  json.name("latency")
      .begin_object()
      .member("count", latency.count())
      .member("sum_ns", latency.sum())
      .member("p50_ns", latency.value_at(0.5))
      .member("p90_ns", latency.value_at(0.9))
      .member("p99_ns", latency.value_at(0.99))
      .member("p999_ns", latency.value_at(0.999))
      .name("buckets")
      .begin_array();
  for (const Latency::Bucket& bucket : latency.buckets()) {
    json.begin_array().value(bucket.longest).value(bucket.count).end_array();
  }
  json.end_array().end_object();
}

void add_queue(JsonWriter& json, const QueueOverview& queue) {
  json.begin_object()
      .member("name", queue.name)
      .member("waiting", queue.waiting)
      .member("running", queue.running)
      .member("concurrency", queue.concurrency)
      .member("finished", queue.finished);
  add_counts(json, "refused", kRefusalNames, queue.refused);
  json.member("waited_ns", queue.waited).end_object();
}

void add_traffic(JsonWriter& json, const Overview& overview) {
  const Traffic& traffic = overview.traffic;
  add_latency(json, traffic.latency);
  json.name("statuses").begin_object();
  for (std::size_t digit = 1; digit < 6; ++digit) {
    json.member(std::to_string(digit) + "xx", traffic.statuses[digit]);
  }
  json.end_object();
  const std::uint64_t requests = overview.sum(&WorkerOverview::requests);
  json.name("protocols")
      .begin_object()
      .member("http1", requests - std::min(requests, traffic.http2_requests))
      .member("http2", traffic.http2_requests)
      .end_object();
  add_counts(json, "encodings", kEncodingNames, traffic.encodings);
  json.name("tls")
      .begin_object()
      .member("full", traffic.full_handshakes)
      .member("resumed", traffic.resumed_handshakes)
      .member("failed", traffic.failed_handshakes)
      .end_object();
}

}  // namespace

std::string status_json(const Overview& overview) {
  JsonWriter json;
  json.begin_object()
      .member("version", overview.version)
      .member("ready", overview.is_ready())
      .member("time", overview.time)
      .member("started_at", overview.started_at)
      .member("requests", overview.sum(&WorkerOverview::requests))
      .member("bytes", overview.sum(&WorkerOverview::bytes))
      .member("connections", overview.sum(&WorkerOverview::connections))
      .member("in_flight", overview.sum(&WorkerOverview::in_flight))
      .member("accepted", overview.sum(&WorkerOverview::accepted))
      .member("rejected", overview.traffic.rejected)
      .member("resident_size", overview.sum(&WorkerOverview::resident_size));
  add_traffic(json, overview);
  json.name("queues").begin_array();
  for (const QueueOverview& queue : overview.queues) {
    add_queue(json, queue);
  }
  json.end_array().name("workers").begin_array();
  for (const WorkerOverview& worker : overview.workers) {
    add_worker(json, worker);
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace seabag::admin
