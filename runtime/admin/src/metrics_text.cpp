#include <functional>

#include "seabag/admin/overview.h"

namespace seabag::admin {
namespace {

/// Milliseconds as a decimal number of seconds.
std::string seconds(std::int64_t milliseconds) {
  const std::string digits = std::to_string(milliseconds % 1000);
  return std::to_string(milliseconds / 1000) + "." + std::string(3 - digits.size(), '0') + digits;
}

class Exposition {
 public:
  explicit Exposition(const Overview& overview) : overview_(overview) {}

  void add_one(std::string_view name, std::string_view kind, std::string_view help,
               const std::string& value, const std::string& labels = "") {
    begin(name, kind, help);
    text_ += std::string(name) + labels + " " + value + "\n";
  }

  void add_each(std::string_view name, std::string_view kind, std::string_view help,
                const std::function<std::string(const WorkerOverview&)>& value) {
    begin(name, kind, help);
    for (std::size_t index = 0; index < overview_.workers.size(); ++index) {
      text_ += std::string(name) + "{worker=\"" + std::to_string(index) + "\"} " +
               value(overview_.workers[index]) + "\n";
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view name, std::string_view kind, std::string_view help) {
    text_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
             std::string(name) + " " + std::string(kind) + "\n";
  }

  const Overview& overview_;
  std::string text_;
};

}  // namespace

std::string metrics_text(const Overview& overview) {
  using Worker = const WorkerOverview&;
  Exposition text(overview);
  text.add_one("seabag_build_info", "gauge", "Which version serves.", "1",
               "{version=\"" + overview.version + "\"}");
  text.add_one("seabag_ready", "gauge", "1 while requests are taken.",
               overview.is_ready() ? "1" : "0");
  text.add_one("seabag_start_time_seconds", "gauge", "When the server was started.",
               seconds(overview.started_at));
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
  text.add_each("seabag_worker_start_time_seconds", "gauge", "When the worker was started.",
                [](Worker worker) { return seconds(worker.started_at); });
  text.add_each(
      "seabag_worker_loop_age_seconds", "gauge", "Time since the loop turned last.",
      [](Worker worker) { return seconds(static_cast<std::int64_t>(worker.since_turn)); });
  text.add_each("seabag_worker_resident_memory_bytes", "gauge",
                "Resident memory, with what is shared.",
                [](Worker worker) { return std::to_string(worker.resident_size); });
  return text.take();
}

}  // namespace seabag::admin
