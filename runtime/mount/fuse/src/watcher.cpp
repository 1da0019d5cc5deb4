#include "watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <utility>

#include "mount_helper.h"

namespace seabag::mount {

namespace {

struct Orders {
  const char* directory;
  MountWay way;
  MountDevice device;
  int pipe;     ///< a byte: the mount has ended; its end without: this process has
  int process;  ///< a pidfd of it, or -1
};

// From here on it is the child of a process that may have threads: system calls only.

void unmount_dead(const Orders& orders) {
  const auto present = device_at(orders.directory);
  if (!present || !(*present == orders.device)) {
    return;  // somebody else's by now
  }
  if (orders.way == MountWay::helper) {
    execlp(kMountHelper, kMountHelper, "-u", "-q", "-z", "--", orders.directory,
           static_cast<char*>(nullptr));
    return;
  }
  // Nobody is left to be told of a failure.
  (void)detach(orders.directory, MountWay::direct);
}

// Moves what is needed to the first numbers and closes the rest, the caller's terminal included.
void keep_only(Orders& orders) {
  constexpr int kPipe = 0;
  constexpr int kProcess = 1;
  const int process = orders.process < 0 ? -1 : fcntl(orders.process, F_DUPFD, kProcess + 1);
  dup2(orders.pipe, kPipe);
  orders.pipe = kPipe;
  unsigned first_closed = kPipe + 1;
  if (process >= 0) {
    dup2(process, kProcess);
    orders.process = kProcess;
    first_closed = kProcess + 1;
  }
  syscall(SYS_close_range, first_closed, UINT_MAX, 0);
}

[[noreturn]] void watch(Orders orders) {
  setsid();
  prctl(PR_SET_NAME, "seabag-unmount");
  if (chdir("/") != 0) {
    _exit(1);
  }
  keep_only(orders);
  std::array<pollfd, 2> watched{{{.fd = orders.pipe, .events = POLLIN, .revents = 0},
                                 {.fd = orders.process, .events = POLLIN, .revents = 0}}};
  while (poll(watched.data(), watched.size(), -1) < 0) {
  }
  char byte = 0;
  if ((watched[0].revents & POLLIN) != 0 && read(orders.pipe, &byte, 1) == 1) {
    _exit(0);
  }
  unmount_dead(orders);
  _exit(0);
}

}  // namespace

Result<Watcher> Watcher::start(const Attachment& attachment) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_error(errno, "pipe");
  }
  const net::Descriptor theirs(ends[0]);
  net::Descriptor ours(ends[1]);
  const net::Descriptor self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));

  // No signal reaches the child: what ends this process must not end the watcher too.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child == 0) {
    watch({.directory = attachment.directory.c_str(),
           .way = attachment.way,
           .device = attachment.device,
           .pipe = theirs.get(),
           .process = self.get()});
  }
  const int number = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    return errno_error(number, "fork");
  }
  return Watcher(child, std::move(ours));
}

Watcher::Watcher(Watcher&& other) noexcept
    : process_(std::exchange(other.process_, 0)), pipe_(std::move(other.pipe_)) {}

Watcher::~Watcher() {
  if (process_ == 0) {
    return;
  }
  const char byte = 0;
  // MSG_NOSIGNAL is for sockets only: a watcher that was killed closes its end, which is no reason
  // to end by SIGPIPE here.
  sigset_t pipe_signal;
  sigset_t before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  if (write(pipe_.get(), &byte, 1) < 0 && errno == EPIPE) {
    const timespec at_once{};
    sigtimedwait(&pipe_signal, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pipe_.reset();
  // ECHILD, where somebody else waits for all children, is as good.
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace seabag::mount
