#include "seabag/pool/gradient_limit.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace seabag::pool {
namespace {

// Weights of one call in the two averages.
constexpr double kLongTerm = 1.0 / 600;
constexpr double kShortTerm = 1.0 / 10;
/// Latency may grow by this factor before the limit shrinks.
constexpr double kTolerance = 1.5;
/// One call may not do more than halve the limit.
constexpr double kLeastGradient = 0.5;
/// How much of a new limit is taken over at once.
constexpr double kSmoothing = 0.2;

void add(double& average, double sample, double weight) {
  average = average == 0 ? sample : average + (sample - average) * weight;
}

}  // namespace

GradientLimit::GradientLimit(const Bounds& bounds)
    : bounds_(bounds), limit_(static_cast<double>(bounds.first)) {
  assert(bounds.least >= 1 && bounds.least <= bounds.first && bounds.first <= bounds.most);
}

void GradientLimit::observe(std::chrono::nanoseconds latency, std::size_t running) {
  const double sample = std::max(1.0, static_cast<double>(latency.count()));
  add(short_term_, sample, kShortTerm);
  add(long_term_, sample, kLongTerm);
  // After a storm the long average would call the storm's latency quiet for minutes.
  if (long_term_ > 2 * short_term_) {
    long_term_ *= 0.95;
  }
  // Who does not use the limit learns nothing about it.
  if (static_cast<double>(running) < limit_ / 2) {
    return;
  }
  const double gradient = std::clamp(kTolerance * long_term_ / short_term_, kLeastGradient, 1.0);
  const double wanted = limit_ * gradient + std::sqrt(limit_);
  limit_ = std::clamp(limit_ * (1 - kSmoothing) + wanted * kSmoothing,
                      static_cast<double>(bounds_.least), static_cast<double>(bounds_.most));
}

}  // namespace seabag::pool
