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

}  // namespace

std::string status_json(const Overview& overview) {
  std::string workers;
  for (const WorkerOverview& worker : overview.workers) {
    workers += (workers.empty() ? "" : ",") + worker_json(worker);
  }
  return JsonObject()
      .word("version", overview.version)
      .raw("ready", overview.is_ready() ? "true" : "false")
      .number("time", overview.time)
      .number("started_at", overview.started_at)
      .raw("workers", "[" + workers + "]")
      .take();
}

}  // namespace seabag::admin
