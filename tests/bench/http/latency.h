// How long answers take at a load that all can carry, by `seabag bench` in an open loop.
#pragma once

#include <string>

#include "contenders.h"

namespace seabag::bench {

struct LatencySettings {
  std::string loader;  ///< the command `seabag`
  std::string app;     ///< packed of the site
  int rounds = 5;
  double seconds = 2;
};

/// Measures ours, nginx and h2o in turns at 18,000 requests a second, or at 70 % of what nginx does
/// here where that is less, and prints their percentiles. What the host of the machine takes away
/// shows in them more than anything else: rounds of which it took more than 1 % are repeated, up to
/// three times as many, and those count of which it took least.
void measure_latency(const LatencySettings& settings, const Ground& ground);

}  // namespace seabag::bench
