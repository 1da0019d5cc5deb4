#pragma once

#include <cstdint>
#include <vector>

#include "seabag/server/latencies.h"

namespace seabag::server {

/// Answers that are complete but not with the kernel yet, by the moment when their requests were.
/// One thread at a time.
class AnswerTimes {
 public:
  /// Moments are nanoseconds of one clock.
  void add(std::uint64_t begun) {
    if (!entries_.empty() && entries_.back().begun == begun) {
      ++entries_.back().count;
    } else {
      entries_.push_back({.begun = begun, .count = 1});
    }
  }

  [[nodiscard]] bool is_empty() const { return entries_.empty(); }

  /// They are with the kernel now.
  void settle(std::uint64_t now, Latencies& latencies) {
    for (const Entry& entry : entries_) {
      latencies.add(now > entry.begun ? now - entry.begun : 0, entry.count);
    }
    entries_.clear();
  }

  /// They never will be.
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::uint64_t begun;
    std::uint64_t count;
  };
  std::vector<Entry> entries_;
};

}  // namespace seabag::server
