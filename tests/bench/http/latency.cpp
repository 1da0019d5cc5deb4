#include "latency.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <vector>

#include "figures.h"
#include "load.h"
#include "process.h"

namespace seabag::bench {
namespace {

constexpr double kRate = 18'000;
constexpr double kShareOfPeak = 0.7;
constexpr double kLeastSeconds = 2;

/// Of all processors together, since the start of the machine.
struct Ticks {
  double all = 0;
  double stolen = 0;

  static Ticks now() {
    constexpr std::size_t kKinds = 8;  // the last one is what the host took
    std::ifstream stat("/proc/stat");
    std::string name;
    stat >> name;
    std::vector<double> kinds(kKinds);
    for (double& kind : kinds) {
      stat >> kind;
    }
    return {std::accumulate(kinds.begin(), kinds.end(), 0.0), kinds.back()};
  }
};

double stolen_percent(const Ticks& from, const Ticks& to) {
  return 100 * (to.stolen - from.stolen) / std::max(1.0, to.all - from.all);
}

struct Percentiles {
  std::vector<double> p50;  ///< microseconds, one a round
  std::vector<double> p99;
  std::vector<double> p999;
  std::vector<double> stolen;
  std::string caveats;
};

double closed_peak(const Contender& contender, const Case& one, const Ground& ground) {
  const Process process(contender.command, 0, ground.folder + "/" + contender.name + ".out");
  wait_for(process, contender, one);
  Load load({.address = contender.address,
             .requests = one.requests(),
             .connections = one.connections(),
             .length = one.length});
  load.run(kLeastSeconds / 4);
  const LoadFigures figures = load.run(kLeastSeconds);
  if (!figures.error.empty()) {
    give_up(contender.name + ": " + figures.error);
  }
  return static_cast<double>(figures.answers) / figures.seconds;
}

std::string command_of(const LatencySettings& settings, const Contender& contender, const Case& one,
                       double rate) {
  const double seconds = std::max(kLeastSeconds, settings.seconds);
  return settings.loader + " bench --json --quiet -t 1 -c " + std::to_string(one.connections()) +
         " --rate " + std::to_string(std::lround(rate)) + " --warm-up 500ms --duration " +
         std::to_string(std::lround(seconds * 1000)) + "ms -H 'Accept-Encoding: gzip' http://" +
         contender.address.text() + one.path;
}

void measure_round(const LatencySettings& settings, const Contender& contender, const Case& one,
                   double rate, const Ground& ground, Percentiles& percentiles) {
  const Process process(contender.command, 0, ground.folder + "/" + contender.name + ".out");
  wait_for(process, contender, one);
  const Ticks before = Ticks::now();
  const std::string text = output_of(command_of(settings, contender, one, rate));
  percentiles.stolen.push_back(stolen_percent(before, Ticks::now()));
  const auto report = nlohmann::json::parse(text, nullptr, false);
  if (report.is_discarded() || !report.contains("latency") ||
      report["status"].value("2xx", 0.0) < report.value("answers", 1.0)) {
    give_up(contender.name + ": " + text);
  }
  for (const auto& [name, kind] :
       {std::pair{"p50", &percentiles.p50}, std::pair{"p99", &percentiles.p99},
        std::pair{"p99.9", &percentiles.p999}}) {
    const auto& value = report["latency"][name];
    kind->push_back(value.is_number() ? value.get<double>() : std::nan(""));
  }
  for (const auto& caveat : report["caveats"]) {
    const auto name = caveat.is_string() ? caveat.get<std::string>() : caveat.dump();
    if (percentiles.caveats.find(name) == std::string::npos) {
      percentiles.caveats += (percentiles.caveats.empty() ? "" : ", ") + name;
    }
  }
}

}  // namespace

void measure_latency(const LatencySettings& settings, const Ground& ground) {
  const Case one{.name = "latency", .path = "/data.json", .length = ground.site.json_gzip_length};
  std::vector<Contender> contenders{make_seabag("seabag", settings.app, ground, one)};
  double rate = kRate;
  if (const auto nginx = make_nginx(ground, one)) {
    contenders.push_back(*nginx);
    rate = std::min(rate, kShareOfPeak * closed_peak(*nginx, one, ground));
  }
  if (const auto h2o = make_h2o(ground, one)) {
    contenders.push_back(*h2o);
  }
  std::map<std::string, Percentiles> all;
  for (int round = 0; round < settings.rounds; ++round) {
    for (const Contender& contender : contenders) {
      measure_round(settings, contender, one, rate, ground, all[contender.name]);
    }
  }
  std::printf("\nlatency: %.0f requests a second on %u connections, due at even distances\n", rate,
              one.connections());
  std::printf("%-8s %12s %12s %12s %16s %9s  %s\n", "server", "p50", "p99", "p99.9",
              "p99 of a round", "stolen", "what the loader says");
  for (const Contender& contender : contenders) {
    const Percentiles& row = all.at(contender.name);
    const auto [least, most] = std::minmax_element(row.p99.begin(), row.p99.end());
    std::printf("%-8s %9.3f ms %9.3f ms %9.3f ms %6.3f .. %6.3f %7.1f %%  %s\n",
                contender.name.c_str(), median(row.p50) / 1000, median(row.p99) / 1000,
                median(row.p999) / 1000, *least / 1000, *most / 1000, median(row.stolen),
                row.caveats.c_str());
  }
  std::fflush(stdout);
}

}  // namespace seabag::bench
