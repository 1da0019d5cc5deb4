#include <algorithm>

#include "seabag/admin/overview.h"

namespace seabag::admin {
namespace {

class JsonObject {
 public:
  JsonObject& number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
  }
  JsonObject& number(std::string_view name, std::uint64_t value) {
    return raw(name, std::to_string(value));
  }
  /// Escaped where JSON wants it (RFC 8259 §7).
  JsonObject& text(std::string_view name, std::string_view value) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string escaped = "\"";
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20) {
        escaped += {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
        continue;
      }
      escaped += c == '"' || c == '\\' ? "\\" : "";
      escaped += c;
    }
    return raw(name, escaped + "\"");
  }
  /// `value` needs no escape: it is one of ours.
  JsonObject& word(std::string_view name, std::string_view value) {
    return raw(name, "\"" + std::string(value) + "\"");
  }
  JsonObject& raw(std::string_view name, const std::string& value) {
    text_ += (text_.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + value;
    return *this;
  }
  [[nodiscard]] std::string take() const { return text_ + "}"; }

 private:
  std::string text_;
};

std::string worker_json(const WorkerOverview& worker) {
  return JsonObject()
      .number("process", std::int64_t{worker.process})
      .word("state", name_of(worker.state))
      .number("starts", std::uint64_t{worker.starts})
      .number("stalls", std::uint64_t{worker.stalls})
      .number("started_at", worker.started_at)
      .number("since_turn", worker.since_turn)
      .number("resident_size", worker.resident_size)
      .number("connections", std::uint64_t{worker.connections})
      .number("in_flight", worker.in_flight)
      .number("accepted", worker.accepted)
      .number("requests", worker.requests)
      .number("bytes", worker.bytes)
      .take();
}

template <typename Names, typename Counts>
std::string counts_json(const Names& names, const Counts& counts) {
  JsonObject object;
  for (std::size_t i = 0; i < names.size(); ++i) {
    object.number(names[i], counts[i]);
  }
  return object.take();
}

std::string latency_json(const Latency& latency) {
  std::string buckets;
  for (const Latency::Bucket& bucket : latency.buckets()) {
    buckets += (buckets.empty() ? "[" : ",[") + std::to_string(bucket.longest) + "," +
               std::to_string(bucket.count) + "]";
  }
  return JsonObject()
      .number("count", latency.count())
      .number("sum_ns", latency.sum())
      .number("p50_ns", latency.value_at(0.5))
      .number("p90_ns", latency.value_at(0.9))
      .number("p99_ns", latency.value_at(0.99))
      .number("p999_ns", latency.value_at(0.999))
      .raw("buckets", "[" + buckets + "]")
      .take();
}

std::string queue_json(const QueueOverview& queue) {
  return JsonObject()
      .text("name", queue.name)
      .number("waiting", queue.waiting)
      .number("running", queue.running)
      .number("concurrency", queue.concurrency)
      .number("finished", queue.finished)
      .raw("refused", counts_json(kRefusalNames, queue.refused))
      .number("waited_ns", queue.waited)
      .take();
}

void add_traffic(const Overview& overview, JsonObject& object) {
  const Traffic& traffic = overview.traffic;
  const std::uint64_t requests = overview.sum(&WorkerOverview::requests);
  JsonObject statuses;
  for (std::size_t digit = 1; digit < 6; ++digit) {
    statuses.number(std::to_string(digit) + "xx", traffic.statuses[digit]);
  }
  object.raw("latency", latency_json(traffic.latency))
      .raw("statuses", statuses.take())
      .raw("protocols", JsonObject()
                            .number("http1", requests - std::min(requests, traffic.http2_requests))
                            .number("http2", traffic.http2_requests)
                            .take())
      .raw("encodings", counts_json(kEncodingNames, traffic.encodings))
      .raw("tls", JsonObject()
                      .number("full", traffic.full_handshakes)
                      .number("resumed", traffic.resumed_handshakes)
                      .number("failed", traffic.failed_handshakes)
                      .take());
}

/// The elements of an array, each as `show` renders it.
template <typename Elements, typename Show>
std::string array_json(const Elements& elements, const Show& show) {
  std::string text;
  for (const auto& element : elements) {
    text += (text.empty() ? "" : ",") + show(element);
  }
  return "[" + text + "]";
}

}  // namespace

std::string status_json(const Overview& overview) {
  JsonObject object;
  object.text("version", overview.version)
      .raw("ready", overview.is_ready() ? "true" : "false")
      .number("time", overview.time)
      .number("started_at", overview.started_at)
      .number("requests", overview.sum(&WorkerOverview::requests))
      .number("bytes", overview.sum(&WorkerOverview::bytes))
      .number("connections", overview.sum(&WorkerOverview::connections))
      .number("in_flight", overview.sum(&WorkerOverview::in_flight))
      .number("accepted", overview.sum(&WorkerOverview::accepted))
      .number("rejected", overview.traffic.rejected)
      .number("resident_size", overview.sum(&WorkerOverview::resident_size));
  add_traffic(overview, object);
  return object.raw("queues", array_json(overview.queues, queue_json))
      .raw("workers", array_json(overview.workers, worker_json))
      .take();
}

}  // namespace seabag::admin
