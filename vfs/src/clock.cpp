#include "seabag/vfs/clock.h"

#include <chrono>

namespace seabag::vfs {

Timestamp system_now() {
  using std::chrono::floor;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = floor<std::chrono::seconds>(now);
  const auto rest = floor<std::chrono::nanoseconds>(now - seconds);
  return {.seconds = seconds.count(), .nanoseconds = static_cast<std::uint32_t>(rest.count())};
}

}  // namespace seabag::vfs
