#include "seabag/metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace seabag::metrics {
namespace {

// A power of two is divided into this many buckets; 1000 would be three digits.
constexpr unsigned kBucketBits = 10;
constexpr std::uint64_t kBuckets = std::uint64_t{1} << kBucketBits;

// How far a value is shifted until it has one bit more than kBucketBits.
unsigned shift_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  return width > kBucketBits + 1 ? width - kBucketBits - 1 : 0;
}

std::size_t index_of(std::uint64_t value) {
  const unsigned shift = shift_of(value);
  return static_cast<std::size_t>(kBuckets * shift + (value >> shift));
}

// The largest value of a bucket.
std::uint64_t top_of(std::size_t index) {
  const std::uint64_t place = index;
  if (place < 2 * kBuckets) {
    return place;
  }
  const std::uint64_t shift = place / kBuckets - 1;
  return ((place - kBuckets * shift + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram(std::uint64_t highest)
    : counts_(index_of(std::max<std::uint64_t>(highest, 1)) + 1),
      highest_(std::max<std::uint64_t>(highest, 1)) {}

void Histogram::record(std::uint64_t value) {
  value = std::min(value, highest_);
  ++counts_[index_of(value)];
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void Histogram::merge(const Histogram& other) {
  assert(highest_ == other.highest_);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  min_ = UINT64_MAX;
  max_ = 0;
  sum_ = 0;
}

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::uint64_t Histogram::value_at(double quantile) const {
  if (count_ == 0) {
    return 0;
  }
  const double wanted = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) {
      return std::clamp(top_of(i), min_, max_);
    }
  }
  return max_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value) const {
  if (value >= max_) {
    return count_;
  }
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i <= index_of(value); ++i) {
    seen += counts_[i];
  }
  return seen;
}

bool supports_quantile(std::uint64_t count, double quantile) {
  // 1 - 0.999 is a little less than a thousandth in binary.
  constexpr double kTolerance = 1e-9;
  const double beyond = static_cast<double>(count) * (1 - quantile);
  return beyond * (1 + kTolerance) >= static_cast<double>(kSamplesBeyond);
}

}  // namespace seabag::metrics
