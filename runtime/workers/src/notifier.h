#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "seabag/workers/lifecycle.h"

namespace seabag::workers {

/// The service manager's socket (sd_notify(3)), where there is one. One thread.
class Lifecycle::Notifier {
 public:
  explicit Notifier(const Environment& environment);

  /// Sends lines of assignments; without a manager, or when it does not listen, nothing happens.
  void send(std::string_view state) const;

  /// How often the manager wants to hear from us; zero: it does not.
  [[nodiscard]] std::chrono::microseconds watchdog_time() const { return watchdog_time_; }

 private:
  std::string path_;  ///< `@` first: an abstract name; empty: none
  std::chrono::microseconds watchdog_time_{0};
};

}  // namespace seabag::workers
