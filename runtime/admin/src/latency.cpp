#include "seabag/admin/latency.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace seabag::admin {

Latency::Latency(std::vector<Bucket> buckets, std::uint64_t sum)
    : buckets_(std::move(buckets)), sum_(sum) {
  std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.count == 0; });
}

void Latency::add(const server::Latencies& counted) {
  std::vector<Bucket> all;
  auto next = buckets_.begin();
  for (std::size_t index = 0; index < server::Latencies::kBuckets; ++index) {
    Bucket bucket{.longest = server::Latencies::longest_of(index), .count = counted.count(index)};
    if (next != buckets_.end() && next->longest == bucket.longest) {
      bucket.count += next->count;
      ++next;
    }
    if (bucket.count != 0) {
      all.push_back(bucket);
    }
  }
  buckets_ = std::move(all);
  sum_ += counted.sum();
}

std::uint64_t Latency::count() const { return count_up_to(UINT64_MAX); }

std::uint64_t Latency::value_at(double quantile) const {
  const double wanted = std::ceil(quantile * static_cast<double>(count()));
  std::uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (static_cast<double>(seen) >= wanted) {
      return bucket.longest;
    }
  }
  return 0;
}

std::uint64_t Latency::count_up_to(std::uint64_t nanoseconds) const {
  std::uint64_t count = 0;
  for (const Bucket& bucket : buckets_) {
    count += bucket.longest <= nanoseconds ? bucket.count : 0;
  }
  return count;
}

Latency Latency::since(const Latency& earlier) const {
  std::vector<Bucket> fresh;
  auto before = earlier.buckets_.begin();
  for (const Bucket& bucket : buckets_) {
    while (before != earlier.buckets_.end() && before->longest < bucket.longest) {
      ++before;
    }
    const bool was_there = before != earlier.buckets_.end() && before->longest == bucket.longest;
    const std::uint64_t old = was_there ? before->count : 0;
    fresh.push_back(
        {.longest = bucket.longest, .count = bucket.count - std::min(bucket.count, old)});
  }
  return {std::move(fresh), sum_ - std::min(sum_, earlier.sum_)};
}

}  // namespace seabag::admin
