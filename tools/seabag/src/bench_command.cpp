#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <string>

#include "bench_report.h"
#include "commands.h"
#include "descriptor.h"
#include "seabag/console/format.h"
#include "seabag/load/run.h"

namespace seabag::command {

namespace {

// Half of the processors: the other half is for a server that runs here too.
unsigned default_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    return 1;
  }
  return static_cast<unsigned>(std::clamp(CPU_COUNT(&set) / 2, 1, 64));
}

// All of a file, which is kept in memory while it is sent again and again.
Result<std::string> read_content(const std::string& path) {
  constexpr std::size_t kLargest = std::size_t{64} * 1024 * 1024;
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return errno_error(errno, "open", path);
  }
  std::string content;
  std::array<char, 64 * 1024> part;  // written before it is read
  while (true) {
    const ssize_t count = read(file.get(), part.data(), part.size());
    if (count < 0 && errno != EINTR) {
      return errno_error(errno, "read", path);
    }
    if (count == 0) {
      return content;
    }
    content.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (content.size() > kLargest) {
      return make_error(std::errc::file_too_large, "read", path, "content has at most 64 MiB");
    }
  }
}

Result<load::Plan> plan_of(const Bench& options) {
  load::Plan plan{.url = SEABAG_TRY(load::parse_url(options.url))};
  plan.fields = options.fields;
  if (!options.body.empty()) {
    plan.body = SEABAG_TRY(read_content(options.body));
    plan.method = "POST";
  }
  if (!options.method.empty()) {
    plan.method = options.method;
  }
  plan.connections = options.connections;
  plan.threads = options.threads != 0 ? options.threads : default_threads();
  plan.pipeline = options.pipeline;
  plan.rate = options.rate;
  plan.duration = options.duration;
  plan.warm_up = options.warm_up;
  plan.timeout = options.timeout;
  return plan;
}

std::string progress_line(const load::Progress& progress) {
  const auto tenths = [](double seconds) {
    const long whole = std::lround(seconds * 10);
    return std::to_string(whole / 10) + "." + std::to_string(whole % 10);
  };
  std::string text = progress.is_warming_up ? "warming up " : "measuring ";
  text += tenths(progress.seconds) + " of " + tenths(progress.total_seconds) + " s  " +
          console::format_count(static_cast<std::uint64_t>(progress.answers_a_second)) +
          " answers a second";
  if (progress.failures != 0) {
    text += "  " + console::format_count(progress.failures) + " failed";
  }
  return text;
}

// A line that is written over itself. A terminal that is gone must not stop the measurement.
void show(console::Output& err, const std::string& text) {
  (void)err.write("\r\x1b[K" + text.substr(0, err.columns() - 1));
  (void)err.flush();
}

}  // namespace

Result<void> execute(const Bench& options, const Surroundings& surroundings) {
  const load::Plan plan = SEABAG_TRY(plan_of(options));
  console::Io& io = surroundings.io;
  const bool is_shown = io.err.is_terminal() && !options.quiet;
  load::Observer observer;
  if (is_shown) {
    observer = [&io](const load::Progress& progress) { show(io.err, progress_line(progress)); };
  }
  const Result<load::Report> report = load::run(plan, observer);
  if (is_shown) {
    show(io.err, "");
  }
  if (!report) {
    return report.error();
  }
  return io.out.write(options.json ? to_json(plan, *report) + "\n" : to_text(plan, *report));
}

}  // namespace seabag::command
