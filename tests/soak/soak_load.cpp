// Load that counts strictly:
//
//   soak_load --port PORT --path PATH [--kept N] [--anew N] [--rate N] [--seconds S] [--warm-up S]
//             [--timeout MS] [--slow MS]
//
// Until SIGTERM or for S seconds. Writes `ANSWERS FAILURES` twenty times a second, and then a JSON
// object in one line; moments are seconds of CLOCK_MONOTONIC.
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "crowd.h"

namespace {

using namespace seabag::soak;
using Json = nlohmann::ordered_json;

volatile std::sig_atomic_t is_stopped = 0;

void stop(int /*signal*/) { is_stopped = 1; }

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Json percentiles(const seabag::metrics::Histogram& times) {
  const auto at = [&](double quantile) {
    return static_cast<double>(times.value_at(quantile)) / 1000;
  };
  return {{"p50", at(0.5)}, {"p99", at(0.99)}, {"p99.9", at(0.999)}, {"max", at(1)}};
}

Json describe(const Answers& answers) {
  return {{"count", answers.since_sent.count()},
          {"since_sent_ms", percentiles(answers.since_sent)},
          {"since_due_ms", percentiles(answers.since_due)}};
}

Json describe(const CrowdFigures& figures, double cpu) {
  Json incidents = Json::array();
  for (const Incident& one : figures.incidents) {
    incidents.push_back({{"at", std::chrono::duration<double>(one.at.time_since_epoch()).count()},
                         {"kind", one.kind},
                         {"port", one.port},
                         {"took_ms", static_cast<double>(one.took_us) / 1000}});
  }
  return {{"answers", figures.answers()},
          {"failed", figures.failures()},
          {"kinds", figures.failed},
          {"good", describe(figures.good)},
          {"rejected", describe(figures.rejected)},
          {"others", figures.others},
          {"connections", figures.connections},
          {"unsent", figures.unsent},
          {"seconds", figures.seconds},
          {"loader_cpu", cpu / figures.seconds},
          {"incidents", incidents}};
}

double number(const std::map<std::string, std::string>& options, const char* name,
              double otherwise) {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : std::atof(found->second.c_str());
}

CrowdOptions crowd_options(const std::map<std::string, std::string>& options) {
  CrowdOptions crowd;
  crowd.port = static_cast<std::uint16_t>(number(options, "--port", 0));
  if (const auto path = options.find("--path"); path != options.end()) {
    crowd.path = path->second;
  }
  crowd.kept = static_cast<unsigned>(number(options, "--kept", 64));
  crowd.anew = static_cast<unsigned>(number(options, "--anew", 0));
  crowd.rate = number(options, "--rate", 0);
  crowd.timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(number(options, "--timeout", 15'000)));
  crowd.slow =
      std::chrono::milliseconds(static_cast<std::int64_t>(number(options, "--slow", 1'000'000)));
  return crowd;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) {
    options[argv[i]] = argv[i + 1];
  }
  if (!options.contains("--port")) {
    std::fputs("usage: soak_load --port PORT --path PATH [...]\n", stderr);
    return 2;
  }
  std::signal(SIGTERM, stop);
  std::signal(SIGINT, SIG_IGN);
  constexpr std::chrono::duration<double> kTold(0.05);
  Crowd crowd(crowd_options(options));
  crowd.run(std::chrono::duration<double>(number(options, "--warm-up", 0)));
  crowd.clear();
  const double before = cpu_seconds();
  const double seconds = number(options, "--seconds", 1e9);
  while (is_stopped == 0 && crowd.figures().seconds < seconds) {
    crowd.run(kTold);
    const CrowdFigures& figures = crowd.figures();
    std::printf("%llu %llu\n", static_cast<unsigned long long>(figures.answers()),
                static_cast<unsigned long long>(figures.failures()));
    std::fflush(stdout);
  }
  const double cpu = cpu_seconds() - before;
  crowd.finish();
  std::puts(describe(crowd.figures(), cpu).dump().c_str());
  return 0;
}
