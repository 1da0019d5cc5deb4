#include "notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace seabag::workers {
namespace {

/// The number in a variable; 0 when there is none.
std::uint64_t number_in(const Environment& environment, const char* name) {
  const auto text = environment ? environment(name) : std::nullopt;
  std::uint64_t number = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc()) {
    return 0;
  }
  return number;
}

}  // namespace

Lifecycle::Notifier::Notifier(const Environment& environment) {
  path_ = environment ? environment("NOTIFY_SOCKET").value_or("") : "";
  if (!path_.starts_with('/') && !path_.starts_with('@')) {
    path_.clear();  // other kinds (vsock) are not for processes of this machine
  }
  const std::uint64_t process = number_in(environment, "WATCHDOG_PID");
  if (process == 0 || process == static_cast<std::uint64_t>(getpid())) {
    watchdog_time_ = std::chrono::microseconds(number_in(environment, "WATCHDOG_USEC"));
  }
}

void Lifecycle::Notifier::send(std::string_view state) const {
  sockaddr_un address{};
  if (path_.empty() || path_.size() >= sizeof address.sun_path) {
    return;
  }
  const net::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  address.sun_family = AF_UNIX;
  std::copy(path_.begin(), path_.end(), std::begin(address.sun_path));
  if (path_.front() == '@') {
    address.sun_path[0] = '\0';
  }
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  // A manager that is not there has nobody to tell of it either.
  [[maybe_unused]] const ssize_t sent =
      sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace seabag::workers
