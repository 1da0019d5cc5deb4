#include "latency.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
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
constexpr double kQuietPercent = 1;  ///< stolen at most, or the figure is the host's
constexpr int kMostTries = 4;        ///< for each round that was asked for

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

struct Round {
  double stolen = 0;  ///< percent
  double p50 = 0;     ///< microseconds
  double p99 = 0;
  double p999 = 0;
};

struct Rounds {
  std::vector<Round> all;
  std::string caveats;

  [[nodiscard]] auto quiet() const {
    return std::count_if(all.begin(), all.end(),
                         [](const Round& one) { return one.stolen <= kQuietPercent; });
  }

  /// Leaves those of which the host took least.
  void keep(std::size_t rounds) {
    std::stable_sort(all.begin(), all.end(),
                     [](const Round& a, const Round& b) { return a.stolen < b.stolen; });
    all.resize(std::min(rounds, all.size()));
  }

  [[nodiscard]] std::vector<double> each(double Round::*figure) const {
    std::vector<double> values;
    std::transform(all.begin(), all.end(), std::back_inserter(values),
                   [figure](const Round& one) { return one.*figure; });
    return values;
  }
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
                   double rate, const Ground& ground, Rounds& rounds) {
  const Process process(contender.command, 0, ground.folder + "/" + contender.name + ".out");
  wait_for(process, contender, one);
  const Ticks before = Ticks::now();
  const std::string text = output_of(command_of(settings, contender, one, rate));
  Round round{.stolen = stolen_percent(before, Ticks::now())};
  const auto report = nlohmann::json::parse(text, nullptr, false);
  if (report.is_discarded() || !report.contains("latency") ||
      report["status"].value("2xx", 0.0) < report.value("answers", 1.0)) {
    give_up(contender.name + ": " + text);
  }
  for (const auto& [name, kind] : {std::pair{"p50", &round.p50}, std::pair{"p99", &round.p99},
                                   std::pair{"p99.9", &round.p999}}) {
    const auto& value = report["latency"][name];
    *kind = value.is_number() ? value.get<double>() : std::nan("");
  }
  rounds.all.push_back(round);
  for (const auto& caveat : report["caveats"]) {
    const auto name = caveat.is_string() ? caveat.get<std::string>() : caveat.dump();
    if (rounds.caveats.find(name) == std::string::npos) {
      rounds.caveats += (rounds.caveats.empty() ? "" : ", ") + name;
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
  const auto wanted = static_cast<std::size_t>(settings.rounds);
  std::map<std::string, Rounds> all;
  const auto are_quiet = [&all, &settings] {
    return std::all_of(all.begin(), all.end(), [&settings](const auto& rounds) {
      return rounds.second.quiet() >= settings.rounds;
    });
  };
  for (int turn = 0; turn < kMostTries * settings.rounds && !(turn > 0 && are_quiet()); ++turn) {
    for (const Contender& contender : contenders) {
      measure_round(settings, contender, one, rate, ground, all[contender.name]);
    }
    // Nobody is always the first after the pause between two turns.
    std::rotate(contenders.begin(), contenders.begin() + 1, contenders.end());
  }
  std::printf("\nlatency: %.0f requests a second on %u connections, due at even distances\n", rate,
              one.connections());
  std::printf("%-8s %12s %12s %12s %16s %15s %6s  %s\n", "server", "p50", "p99", "p99.9",
              "p99 of a round", "stolen", "rounds", "what the loader says");
  for (auto& [name, rounds] : all) {
    const std::size_t tried = rounds.all.size();
    rounds.keep(wanted);
    const std::vector<double> p99 = rounds.each(&Round::p99);
    const auto [least, most] = std::minmax_element(p99.begin(), p99.end());
    std::printf("%-8s %9.3f ms %9.3f ms %9.3f ms %6.3f .. %6.3f %4.1f .. %4.1f %% %2zu/%2zu  %s\n",
                name.c_str(), median(rounds.each(&Round::p50)) / 1000, median(p99) / 1000,
                median(rounds.each(&Round::p999)) / 1000, *least / 1000, *most / 1000,
                rounds.all.front().stolen, rounds.all.back().stolen, rounds.all.size(), tried,
                rounds.caveats.c_str());
  }
  std::fflush(stdout);
}

}  // namespace seabag::bench
