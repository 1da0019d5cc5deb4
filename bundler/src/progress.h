#pragma once

#include <chrono>

#include "seabag/bundler/pack.h"

namespace seabag::bundler {

/// Passes progress on to an observer, about ten times a second and at once when the stage changes.
/// One thread at a time.
class ProgressReporter {
 public:
  /// `observer` is borrowed and may be null.
  explicit ProgressReporter(PackObserver* observer) : observer_(observer) {}

  void tell(const PackProgress& progress);

 private:
  PackObserver* observer_;
  std::chrono::steady_clock::time_point last_;
  PackStage stage_ = PackStage::reading;
};

}  // namespace seabag::bundler
