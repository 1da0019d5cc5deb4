#include "taken_signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace seabag::workers {

TakenSignals::TakenSignals(std::initializer_list<int> signals) {
  sigemptyset(&set_);
  for (const int signal : signals) {
    sigaddset(&set_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &set_, &previous_);
}

TakenSignals::~TakenSignals() {
  // Whatever came too late has been obeyed already; it must not end us when it is let in.
  const timespec at_once{};
  while (sigtimedwait(&set_, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

Result<void> TakenSignals::open() {
  waiting_.reset(signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!waiting_.is_open()) {
    return errno_error(errno, "signalfd");
  }
  return {};
}

int TakenSignals::next() const {
  signalfd_siginfo info{};
  if (read(waiting_.get(), &info, sizeof info) != sizeof info) {
    return 0;
  }
  return static_cast<int>(info.ssi_signo);
}

}  // namespace seabag::workers
