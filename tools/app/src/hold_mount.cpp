#include "seabag/app/hold_mount.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "seabag/net/descriptor.h"

namespace seabag::app {

HeldSignals::HeldSignals() {
  sigemptyset(&held_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&held_, number);
  }
  pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

HeldSignals::~HeldSignals() {
  const timespec at_once{};
  while (sigtimedwait(&held_, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Result<void> HeldSignals::wait_and_unmount(mount::KernelMount& mount) const {
  const net::Descriptor signals(signalfd(-1, &held_, SFD_CLOEXEC));
  if (!signals.is_open()) {
    return errno_error(errno, "signalfd");
  }
  std::array<pollfd, 2> watched{{{.fd = signals.get(), .events = POLLIN, .revents = 0},
                                 {.fd = mount.end_descriptor(), .events = POLLIN, .revents = 0}}};
  while (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
  return mount.unmount();
}

}  // namespace seabag::app
