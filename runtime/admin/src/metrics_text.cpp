#include <functional>

#include "seabag/admin/overview.h"

namespace seabag::admin {
namespace {

/// A number of seconds: `value` in units of which `per_second` make one, a power of ten.
std::string seconds(std::uint64_t value, std::uint64_t per_second = 1000) {
  const std::string digits = std::to_string(per_second + value % per_second);
  return std::to_string(value / per_second) + "." + digits.substr(1);
}

constexpr std::uint64_t kNanoseconds = 1'000'000'000;

/// What Prometheus wants in front of these characters of a label's value.
std::string label(std::string_view name, std::string_view value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    text += c == '\n' ? "\\n" : (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  }
  return text + "\"";
}

class Exposition {
 public:
  explicit Exposition(const Overview& overview) : overview_(overview) {}

  /// What the samples that follow are.
  void begin(std::string_view name, std::string_view kind, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
             std::string(kind) + "\n";
  }
  void sample(const std::string& labels, const std::string& value, std::string_view suffix = "") {
    text_ += name_ + std::string(suffix) + (labels.empty() ? "" : "{" + labels + "}") + " " +
             value + "\n";
  }
  void sample(const std::string& labels, std::uint64_t value, std::string_view suffix = "") {
    sample(labels, std::to_string(value), suffix);
  }

  void add_each(std::string_view name, std::string_view kind, std::string_view help,
                const std::function<std::string(const WorkerOverview&)>& value) {
    begin(name, kind, help);
    for (std::size_t index = 0; index < overview_.workers.size(); ++index) {
      sample(label("worker", std::to_string(index)), value(overview_.workers[index]));
    }
  }

  std::string take() { return std::move(text_); }

 private:
  const Overview& overview_;
  std::string name_;
  std::string text_;
};

void add_server(const Overview& overview, Exposition& text) {
  text.begin("seabag_build_info", "gauge", "Which version serves.");
  text.sample(label("version", overview.version), 1);
  text.begin("seabag_ready", "gauge", "1 while requests are taken.");
  text.sample("", overview.is_ready() ? 1 : 0);
  text.begin("seabag_start_time_seconds", "gauge", "When the server was started.");
  text.sample("", seconds(static_cast<std::uint64_t>(overview.started_at)));
}

void add_workers(Exposition& text) {
  using Worker = const WorkerOverview&;
  text.add_each("seabag_requests_total", "counter", "Requests answered or refused.",
                [](Worker worker) { return std::to_string(worker.requests); });
  text.add_each("seabag_response_content_bytes_total", "counter",
                "Bytes of content in those answers.",
                [](Worker worker) { return std::to_string(worker.bytes); });
  text.add_each("seabag_connections_accepted_total", "counter", "Connections accepted.",
                [](Worker worker) { return std::to_string(worker.accepted); });
  text.add_each("seabag_connections", "gauge", "Connections that are open.",
                [](Worker worker) { return std::to_string(worker.connections); });
  text.add_each("seabag_requests_in_flight", "gauge", "Requests that are being answered.",
                [](Worker worker) { return std::to_string(worker.in_flight); });
  text.add_each("seabag_worker_up", "gauge", "1 while the worker serves.", [](Worker worker) {
    return std::string(worker.state == server::LoopState::serving ? "1" : "0");
  });
  text.add_each("seabag_worker_starts_total", "counter", "Processes that have had this place.",
                [](Worker worker) { return std::to_string(worker.starts); });
  text.add_each("seabag_worker_stalls_total", "counter",
                "Processes that were ended because their loop was stuck.",
                [](Worker worker) { return std::to_string(worker.stalls); });
  text.add_each(
      "seabag_worker_start_time_seconds", "gauge", "When the worker was started.",
      [](Worker worker) { return seconds(static_cast<std::uint64_t>(worker.started_at)); });
  text.add_each("seabag_worker_loop_age_seconds", "gauge", "Time since the loop turned last.",
                [](Worker worker) { return seconds(worker.since_turn); });
  text.add_each("seabag_worker_resident_memory_bytes", "gauge",
                "Resident memory, with what is shared.",
                [](Worker worker) { return std::to_string(worker.resident_size); });
}

void add_traffic(const Traffic& traffic, Exposition& text) {
  text.begin("seabag_responses_total", "counter", "Answers by the class of their status.");
  for (std::size_t digit = 1; digit < 6; ++digit) {
    text.sample(label("class", std::to_string(digit) + "xx"), traffic.statuses[digit]);
  }
  text.begin("seabag_responses_encoded_total", "counter", "Answers by the encoding of content.");
  for (std::size_t i = 0; i < kEncodingNames.size(); ++i) {
    text.sample(label("encoding", kEncodingNames[i]), traffic.encodings[i]);
  }
  text.begin("seabag_http2_requests_total", "counter", "Those of the requests in HTTP/2.");
  text.sample("", traffic.http2_requests);
  text.begin("seabag_connections_rejected_total", "counter", "Connections that were too many.");
  text.sample("", traffic.rejected);
  text.begin("seabag_tls_handshakes_total", "counter", "TLS handshakes by how they ended.");
  text.sample(label("kind", "full"), traffic.full_handshakes);
  text.sample(label("kind", "resumed"), traffic.resumed_handshakes);
  text.sample(label("kind", "failed"), traffic.failed_handshakes);
}

void add_latency(const Latency& latency, Exposition& text) {
  constexpr std::uint64_t kMicrosecond = 1'000;
  constexpr std::uint64_t kLimits[] = {
      10,     25,     50,      100,     250,     500,       1'000,     2'500,     5'000,     10'000,
      25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
  text.begin("seabag_request_duration_seconds", "histogram",
             "From the arrival of a request to the last byte of its answer.");
  for (const std::uint64_t limit : kLimits) {
    text.sample(label("le", seconds(limit, kNanoseconds / kMicrosecond)),
                latency.count_up_to(limit * kMicrosecond), "_bucket");
  }
  text.sample(label("le", "+Inf"), latency.count(), "_bucket");
  text.sample("", seconds(latency.sum(), kNanoseconds), "_sum");
  text.sample("", latency.count(), "_count");
}

void add_queues(const Overview& overview, Exposition& text) {
  const auto add = [&](std::string_view name, std::string_view kind, std::string_view help,
                       const auto& value) {
    text.begin(name, kind, help);
    for (const QueueOverview& queue : overview.queues) {
      text.sample(label("queue", queue.name), value(queue));
    }
  };
  using Queue = const QueueOverview&;
  add("seabag_queue_waiting", "gauge", "Tasks that wait.", [](Queue q) { return q.waiting; });
  add("seabag_queue_running", "gauge", "Tasks that run.", [](Queue q) { return q.running; });
  add("seabag_queue_concurrency", "gauge", "Most tasks that may run.",
      [](Queue q) { return q.concurrency; });
  add("seabag_queue_finished_total", "counter", "Tasks that have run.",
      [](Queue q) { return q.finished; });
  add("seabag_queue_wait_seconds_total", "counter", "Time that tasks have waited, together.",
      [](Queue q) { return seconds(q.waited, kNanoseconds); });
  text.begin("seabag_queue_refused_total", "counter", "Tasks that were refused, by the reason.");
  for (const QueueOverview& queue : overview.queues) {
    for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
      text.sample(label("queue", queue.name) + "," + label("reason", kRefusalNames[i]),
                  queue.refused[i]);
    }
  }
}

}  // namespace

std::string metrics_text(const Overview& overview) {
  Exposition text(overview);
  add_server(overview, text);
  add_workers(text);
  add_traffic(overview.traffic, text);
  add_latency(overview.traffic.latency, text);
  if (!overview.queues.empty()) {
    add_queues(overview, text);
  }
  return text.take();
}

}  // namespace seabag::admin
