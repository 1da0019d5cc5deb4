#include "signal_watcher.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace seabag::server {

SignalWatcher::~SignalWatcher() {
  if (signals_.is_open()) {
    loop_->remove(signals_.get(), *this);
  }
}

Result<void> SignalWatcher::start() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.is_open()) {
    return errno_error(errno, "signalfd");
  }
  return loop_->add(signals_.get(), net::Interest::input, *this);
}

void SignalWatcher::on_ready(net::Readiness) {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
    on_signal_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace seabag::server
