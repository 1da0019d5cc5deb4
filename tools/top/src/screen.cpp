#include "seabag/top/screen.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/console/format.h"

namespace seabag::top {
namespace {

using admin::Overview;
using admin::WorkerOverview;
using console::format_bytes;
using console::format_count;

constexpr double kMillisecondsPerSecond = 1000;

enum class Paint { plain, bold, dim, good, bad };

/// Text that is cut at the width of the screen; colours take no room.
class Canvas {
 public:
  explicit Canvas(const ScreenOptions& options) : options_(options) {}

  Canvas& put(std::string_view text, Paint paint = Paint::plain) {
    const std::string_view shown = text.substr(0, options_.columns - column_);
    const std::string_view codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m"};
    const bool is_painted = options_.colours == Colours::on && paint != Paint::plain;
    line_ += is_painted ? std::string(codes[static_cast<std::size_t>(paint)]) : "";
    line_ += shown;
    line_ += is_painted ? "\x1b[0m" : "";
    column_ += shown.size();
    return *this;
  }
  /// At the right of a column of this width, with a space before it.
  Canvas& cell(std::string_view text, std::size_t width, Paint paint = Paint::plain) {
    put(std::string(width > text.size() ? width - text.size() : 1, ' '));
    return put(text, paint);
  }
  void end_line() {
    while (line_.ends_with(' ')) {
      line_.pop_back();
    }
    if (options_.rows == 0 || rows_ < options_.rows) {
      text_ += line_ + "\n";
      ++rows_;
    }
    line_.clear();
    column_ = 0;
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  const ScreenOptions& options_;
  std::string text_;
  std::string line_;
  std::size_t column_ = 0;
  std::size_t rows_ = 0;
};

/// `52 us`, `1.9 ms`, `2.5 s`; a dash when nothing was measured.
std::string format_time(std::uint64_t nanoseconds) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}};
  for (const auto& [scale, name] : kUnits) {
    const double value = static_cast<double>(nanoseconds) / scale;
    if (value >= 1) {
      const long tenths = std::lround(value * 10);
      return (tenths < 100 ? std::to_string(tenths / 10) + "." + std::to_string(tenths % 10)
                           : std::to_string(std::lround(value))) +
             name;
    }
  }
  return nanoseconds == 0 ? "-" : "1.0 us";
}

/// What one look tells about the time since another one.
class Rates {
 public:
  Rates(const Overview& now, const Overview* before)
      : now_(now),
        before_(before != nullptr && before->started_at == now.started_at ? before : nullptr),
        seconds_(static_cast<double>(std::max<std::int64_t>(
                     1, now.time - (before_ != nullptr ? before_->time : now.started_at))) /
                 kMillisecondsPerSecond) {}

  template <typename Number>
  [[nodiscard]] std::uint64_t of(Number WorkerOverview::*number) const {
    return rate(now_.sum(number), before_ != nullptr ? before_->sum(number) : 0);
  }
  [[nodiscard]] std::uint64_t requests_of(std::size_t worker) const {
    const bool was_there = before_ != nullptr && worker < before_->workers.size();
    return rate(now_.workers[worker].requests, was_there ? before_->workers[worker].requests : 0);
  }
  [[nodiscard]] admin::Latency latency() const {
    return before_ != nullptr ? now_.traffic.latency.since(before_->traffic.latency)
                              : now_.traffic.latency;
  }

 private:
  [[nodiscard]] std::uint64_t rate(std::uint64_t now, std::uint64_t before) const {
    const auto fresh = static_cast<double>(now - std::min(now, before));
    return static_cast<std::uint64_t>(std::llround(fresh / seconds_));
  }

  const Overview& now_;
  const Overview* before_;
  double seconds_;
};

std::string age(std::int64_t from, std::int64_t to) {
  const std::int64_t seconds = std::max<std::int64_t>(0, to - from) / 1000;
  return console::format_seconds(static_cast<double>(seconds));
}

void draw_head(const Overview& now, Canvas& canvas) {
  const vfs::Timestamp time{.seconds = now.time / 1000, .nanoseconds = 0};
  canvas.put("seabag " + console::printable(now.version), Paint::bold).put("  ");
  canvas.put(now.is_ready() ? "ready" : "not ready", now.is_ready() ? Paint::good : Paint::bad);
  canvas.put("  up " + age(now.started_at, now.time) + "  ");
  canvas.put(console::format_time(time) + " UTC", Paint::dim).end_line();
}

void draw_latency(const char* name, const admin::Latency& latency, Canvas& canvas) {
  constexpr std::pair<const char*, double> kQuantiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
  canvas.put(name);
  for (const auto& [label, quantile] : kQuantiles) {
    canvas.put("  " + std::string(label) + " ", Paint::dim);
    canvas.put(format_time(latency.value_at(quantile)));
  }
  canvas.end_line();
}

void draw_rates(const Overview& now, const Rates& rates, Canvas& canvas) {
  const auto connections = now.sum(&WorkerOverview::connections);
  canvas.put("requests   ");
  canvas.put(format_count(rates.of(&WorkerOverview::requests)) + "/s", Paint::bold);
  canvas.put("  content " + format_bytes(rates.of(&WorkerOverview::bytes)) + "/s");
  canvas.put("  connections " + format_count(connections));
  canvas.put("  in flight " + format_count(now.sum(&WorkerOverview::in_flight))).end_line();
}

using Fact = std::pair<std::string_view, std::uint64_t>;

void draw_facts(const char* name, std::initializer_list<Fact> facts, Canvas& canvas) {
  canvas.put(name);
  for (const auto& [label, count] : facts) {
    canvas.put("  " + std::string(label) + " ", Paint::dim).put(format_count(count));
  }
  canvas.end_line();
}

void draw_totals(const Overview& now, Canvas& canvas) {
  const admin::Traffic& traffic = now.traffic;
  const std::uint64_t requests = now.sum(&WorkerOverview::requests);
  draw_facts("answers  ",
             {{"2xx", traffic.statuses[2]},
              {"3xx", traffic.statuses[3]},
              {"4xx", traffic.statuses[4]},
              {"5xx", traffic.statuses[5]}},
             canvas);
  draw_facts("encodings",
             {{admin::kEncodingNames[0], traffic.encodings[0]},
              {admin::kEncodingNames[1], traffic.encodings[1]},
              {admin::kEncodingNames[2], traffic.encodings[2]},
              {admin::kEncodingNames[3], traffic.encodings[3]}},
             canvas);
  draw_facts("protocols",
             {{"http1", requests - std::min(requests, traffic.http2_requests)},
              {"http2", traffic.http2_requests},
              {"tls full", traffic.full_handshakes},
              {"resumed", traffic.resumed_handshakes},
              {"failed", traffic.failed_handshakes}},
             canvas);
  draw_facts("clients  ",
             {{"accepted", now.sum(&WorkerOverview::accepted)}, {"turned away", traffic.rejected}},
             canvas);
}

void draw_queues(const Overview& now, Canvas& canvas) {
  if (now.queues.empty()) {
    return;
  }
  canvas.end_line();
  canvas.put("queue               waiting running   limit    finished     refused  mean wait",
             Paint::dim);
  canvas.end_line();
  for (const admin::QueueOverview& queue : now.queues) {
    std::uint64_t refused = 0;
    for (const std::uint64_t count : queue.refused) {
      refused += count;
    }
    std::string name = console::printable(queue.name);
    name.resize(18, ' ');
    canvas.put(name).cell(format_count(queue.waiting), 9).cell(format_count(queue.running), 8);
    canvas.cell(format_count(queue.concurrency), 8).cell(format_count(queue.finished), 12);
    canvas.cell(format_count(refused), 12, refused > 0 ? Paint::bad : Paint::plain);
    canvas.cell(format_time(queue.finished > 0 ? queue.waited / queue.finished : 0), 11);
    canvas.end_line();
  }
}

void draw_workers(const Overview& now, const Rates& rates, Canvas& canvas) {
  canvas.end_line();
  canvas.put("worker  process  state            age  starts  connections  requests/s    memory",
             Paint::dim);
  canvas.end_line();
  for (std::size_t i = 0; i < now.workers.size(); ++i) {
    const WorkerOverview& worker = now.workers[i];
    const bool serves = worker.state == server::LoopState::serving;
    std::string state(admin::name_of(worker.state));
    state.resize(9, ' ');
    canvas.cell(std::to_string(i), 6).cell(std::to_string(worker.process), 9).put("  ");
    canvas.put(state, serves ? Paint::good : Paint::bad);
    canvas.cell(worker.process != 0 ? age(worker.started_at, now.time) : "-", 11);
    canvas.cell(format_count(worker.starts), 8).cell(format_count(worker.connections), 13);
    canvas.cell(format_count(rates.requests_of(i)), 12);
    canvas.cell(format_bytes(worker.resident_size), 10).end_line();
  }
}

}  // namespace

std::string draw(const Overview& now, const Overview* before, const ScreenOptions& options) {
  Canvas canvas(options);
  const Rates rates(now, before);
  draw_head(now, canvas);
  canvas.end_line();
  draw_rates(now, rates, canvas);
  draw_latency("latency  ", rates.latency(), canvas);
  if (before != nullptr) {
    draw_latency("all time ", now.traffic.latency, canvas);
  }
  draw_totals(now, canvas);
  draw_queues(now, canvas);
  draw_workers(now, rates, canvas);
  return canvas.take();
}

}  // namespace seabag::top
