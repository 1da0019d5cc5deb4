#include "bench_report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "seabag/console/format.h"

namespace seabag::command {

namespace {

using Json = nlohmann::ordered_json;
using load::Caveat;
using load::Report;

struct Percentile {
  double quantile;
  const char* name;
};
constexpr std::array<Percentile, 6> kPercentiles = {{{0.5, "p50"},
                                                     {0.75, "p75"},
                                                     {0.9, "p90"},
                                                     {0.99, "p99"},
                                                     {0.999, "p99.9"},
                                                     {0.9999, "p99.99"}}};

std::string rounded(double value, const char* format) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// Three significant digits: `8.43 µs`, `912 µs`, `1.25 ms`, `12.5 s`.
std::string duration(double nanoseconds) {
  constexpr std::array<std::pair<double, const char*>, 3> kUnits = {
      {{1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && nanoseconds >= 999.5 * kUnits[unit].first) {
    ++unit;
  }
  const double value = nanoseconds / kUnits[unit].first;
  const char* format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
  return rounded(value, format) + " " + kUnits[unit].second;
}

std::string duration(std::uint64_t nanoseconds) {
  return duration(static_cast<double>(nanoseconds));
}

std::string percent(double fraction) { return rounded(fraction * 100, "%.0f %%"); }

double per_second(std::uint64_t count, const Report& report) {
  return report.seconds > 0 ? static_cast<double>(count) / report.seconds : 0;
}

std::string counted(std::uint64_t count, const std::string& one, const std::string& several) {
  return console::format_count(count) + " " + (count == 1 ? one : several);
}

std::string line(const char* label, const std::string& text) {
  std::array<char, 16> padded{};
  std::snprintf(padded.data(), padded.size(), "  %-11s", label);
  return padded.data() + text + "\n";
}

std::string title(const load::Plan& plan, const Report& report) {
  std::string text = plan.method + " http://" + plan.url.authority + plan.url.target + " (" +
                     report.address + ")\n";
  text += counted(report.connections, "connection", "connections");
  if (plan.pipeline > 1) {
    text += ", " + console::format_count(plan.pipeline) + " requests under way on each";
  }
  text += ", " + counted(report.threads, "thread", "threads") + ", ";
  text += report.is_open_loop ? "open loop at " + rounded(*plan.rate, "%.6g") + " requests a second"
                              : std::string("closed loop");
  const double warm_up = std::chrono::duration<double>(plan.warm_up).count();
  return text + ", " + console::format_seconds(report.seconds) + " after " +
         console::format_seconds(warm_up) + " of warm-up\n";
}

std::string answers_line(const Report& report) {
  const load::Counts& counts = report.counts;
  std::string text =
      console::format_count(counts.answers) + ", " +
      console::format_count(static_cast<std::uint64_t>(per_second(counts.answers, report))) +
      " a second:";
  for (std::size_t i = 1; i < counts.classes.size(); ++i) {
    if (counts.classes[i] != 0) {
      text += " " + std::to_string(i) + "xx " + console::format_count(counts.classes[i]);
    }
  }
  return line("answers", text);
}

std::string failures_line(const Report& report) {
  const load::Failures& failures = report.counts.failures;
  if (failures.total() == 0) {
    return line("failures", "none");
  }
  std::string text = console::format_count(failures.total()) + ":";
  for (const auto& [count, name] : {std::pair(failures.connect, "no connection"),
                                    {failures.closed, "connection ended"},
                                    {failures.malformed, "malformed answer"},
                                    {failures.timed_out, "timed out"}}) {
    if (count != 0) {
      text += " " + std::string(name) + " " + console::format_count(count);
    }
  }
  return line("failures", text + " (first: " + report.first_failure + ")");
}

std::string latency_lines(const Report& report) {
  const metrics::Histogram& latency = report.latency;
  std::string text =
      line("latency", "mean " + duration(latency.mean()) + ", from " + duration(latency.min()) +
                          " to " + duration(latency.max()));
  std::string shown;
  std::string missing;
  for (const auto& [quantile, name] : kPercentiles) {
    if (metrics::supports_quantile(latency.count(), quantile)) {
      shown += (shown.empty() ? "" : "  ") + std::string(name) + " " +
               duration(latency.value_at(quantile));
    } else if (missing.empty()) {
      missing = name;
    }
  }
  if (!missing.empty()) {
    shown += (shown.empty() ? "" : "  ") + std::string("(too few requests for ") + missing + ")";
  }
  text += line("", shown);
  return text + line("", report.is_open_loop
                             ? "from when each request was due: corrected for coordinated omission"
                             : "not corrected for coordinated omission: a closed loop asks less "
                               "while the server stalls (see --rate)");
}

std::string schedule_line(const Report& report) {
  if (!report.is_open_loop || report.start_delay.count() == 0) {
    return {};
  }
  const auto delay = [](const metrics::Histogram& histogram) {
    return duration(histogram.value_at(0.99));
  };
  return line("schedule", console::format_count(report.counts.due) + " due, 99 % begun within " +
                              delay(report.start_delay) +
                              " (the loader's own part: " + delay(report.own_delay) + ")");
}

std::string processor_line(const Report& report) {
  const load::ProcessorUse& use = report.use;
  const auto per_answer = [&](double seconds) {
    return duration(seconds * 1e9 /
                    static_cast<double>(std::max<std::uint64_t>(report.counts.answers, 1)));
  };
  const double seconds = std::max(report.seconds, 1e-9);
  std::string text = "loader " + percent(use.loader_seconds / seconds) + " of one (" +
                     per_answer(use.loader_seconds) + " an answer)";
  if (use.server_seconds) {
    text += ", server " + percent(*use.server_seconds / seconds) + " (" +
            per_answer(*use.server_seconds) + " an answer, " +
            counted(use.server_processes.size(), "process", "processes") + ")";
  } else {
    text += ", server not seen";
  }
  text += "; " + counted(use.processors, "processor here", "processors here");
  if (use.machine) {
    text += ", " + percent(*use.machine) + " busy";
  }
  return line("processors", text);
}

const char* text_of(Caveat caveat) {
  switch (caveat) {
    case Caveat::loader_saturated:
      return "the loader was saturated: these figures are the loader's limit, not the server's "
             "(more --threads, or another machine)";
    case Caveat::loader_starved:
      return "the loader had to wait for processors that others used: these figures are of loader "
             "and server together, not the server's alone";
    case Caveat::busy_machine:
      return "other programs used much of this machine meanwhile: repeat when it is quiet";
    case Caveat::late_loader:
      return "the schedule was not held: the loader itself was late";
    case Caveat::late_server:
      return "the schedule was not held: every connection was waiting for an answer when requests "
             "were due (their waiting is in the latencies)";
    case Caveat::unanswered:
      return "requests had no answer in the end: the highest percentiles are lower bounds";
    case Caveat::failures:
      return "failed requests have no latency, but for those that timed out";
    case Caveat::no_success:
      return "no answer was a 2xx or 3xx: this is how fast the server refuses";
    case Caveat::interrupted:
      return "ended early";
  }
  return "";
}

const char* name_of(Caveat caveat) {
  constexpr std::array<const char*, 9> kNames = {
      "loader_saturated", "loader_starved", "busy_machine", "late_loader", "late_server",
      "unanswered",       "failures",       "no_success",   "interrupted"};
  return kNames[static_cast<std::size_t>(caveat)];
}

Json in_microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

Json json_of(const metrics::Histogram& histogram) {
  Json json;
  json["count"] = histogram.count();
  const auto or_null = [&](bool is_known, const Json& value) {
    return is_known ? value : Json(nullptr);
  };
  const bool is_known = histogram.count() != 0;
  json["min"] = or_null(is_known, in_microseconds(histogram.min()));
  json["mean"] = or_null(is_known, histogram.mean() / 1e3);
  json["max"] = or_null(is_known, in_microseconds(histogram.max()));
  for (const auto& [quantile, name] : kPercentiles) {
    json[name] = or_null(metrics::supports_quantile(histogram.count(), quantile),
                         in_microseconds(histogram.value_at(quantile)));
  }
  return json;
}

Json json_of_use(const load::ProcessorUse& use) {
  Json json;
  json["available"] = use.processors;
  json["machine_busy"] = use.machine ? Json(*use.machine) : Json(nullptr);
  json["loader_seconds"] = use.loader_seconds;
  json["busiest_thread"] = use.busiest_thread;
  json["waited"] = use.waited;
  json["server_seconds"] = use.server_seconds ? Json(*use.server_seconds) : Json(nullptr);
  json["server_processes"] = use.server_processes;
  return json;
}

}  // namespace

std::string to_text(const load::Plan& plan, const Report& report) {
  std::string text = title(plan, report) + answers_line(report) + failures_line(report);
  text +=
      line("received",
           console::format_bytes(report.counts.received_bytes) + ", " +
               console::format_bytes(
                   static_cast<std::uint64_t>(per_second(report.counts.received_bytes, report))) +
               " a second; " +
               counted(report.counts.connections_opened, "connection", "connections") + " opened");
  text += latency_lines(report) + schedule_line(report) + processor_line(report);
  for (const Caveat caveat : load::caveats_of(report)) {
    text += line("note", text_of(caveat));
  }
  return text;
}

std::string to_json(const load::Plan& plan, const Report& report) {
  const load::Counts& counts = report.counts;
  Json json;
  json["url"] = "http://" + plan.url.authority + plan.url.target;
  json["method"] = plan.method;
  json["address"] = report.address;
  json["loop"] = report.is_open_loop ? "open" : "closed";
  json["rate"] = plan.rate ? Json(*plan.rate) : Json(nullptr);
  json["connections"] = report.connections;
  json["threads"] = report.threads;
  json["pipeline"] = plan.pipeline;
  json["seconds"] = report.seconds;
  json["answers"] = counts.answers;
  json["answers_per_second"] = per_second(counts.answers, report);
  for (std::size_t i = 1; i < counts.classes.size(); ++i) {
    json["status"][std::to_string(i) + "xx"] = counts.classes[i];
  }
  json["failures"] = {{"connect", counts.failures.connect},
                      {"closed", counts.failures.closed},
                      {"malformed", counts.failures.malformed},
                      {"timed_out", counts.failures.timed_out}};
  json["received_bytes"] = counts.received_bytes;
  json["connections_opened"] = counts.connections_opened;
  json["resent"] = counts.resent;
  json["latency"] = json_of(report.latency);
  json["latency_is_corrected"] = report.is_open_loop;
  if (report.is_open_loop) {
    json["due"] = counts.due;
    json["unanswered"] = counts.unanswered;
    json["start_delay"] = json_of(report.start_delay);
    json["own_delay"] = json_of(report.own_delay);
  }
  json["processors"] = json_of_use(report.use);
  json["caveats"] = Json::array();
  for (const Caveat caveat : load::caveats_of(report)) {
    json["caveats"].push_back(name_of(caveat));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace seabag::command
