#include "progress.h"

namespace seabag::bundler {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

void ProgressReporter::tell(const PackProgress& progress) {
  if (observer_ == nullptr) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (progress.stage == stage_ && now - last_ < kInterval) {
    return;
  }
  stage_ = progress.stage;
  last_ = now;
  observer_->on_progress(progress);
}

}  // namespace seabag::bundler
