#pragma once

#include <chrono>
#include <cstdint>

#include "seabag/console/output.h"

namespace seabag::command {

/// Shows on a terminal how far a copy is, on one line that is drawn over and gone in the end, from
/// half a second on. Anywhere else it stays silent. One thread at a time.
class CopyMeter {
 public:
  /// `err` must outlive this object.
  explicit CopyMeter(console::Output& err);
  CopyMeter(const CopyMeter&) = delete;
  CopyMeter& operator=(const CopyMeter&) = delete;
  ~CopyMeter();

  /// As vfs::CopyOptions::progress tells it.
  void add(std::uint64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;

  void draw(Clock::time_point now);

  console::Output& err_;
  Clock::time_point start_;
  Clock::time_point next_;
  std::uint64_t nodes_ = 0;
  std::uint64_t bytes_ = 0;
  bool is_drawn_ = false;
};

}  // namespace seabag::command
