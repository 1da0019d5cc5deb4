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
#include <optional>
#include <string>
#include <utility>

#include "mount_helper.h"

namespace seabag::mount {

namespace {

// What is written to the pipe once the mount is made.
struct Mounted {
  MountWay way;
  MountDevice device;
};

struct Orders {
  const char* directory;
  MountDevice before;
  std::optional<Mounted> mounted;
  int pipe;     ///< a Mounted; then a byte: the mount has ended; its end without: this process has
  int process;  ///< a pidfd of it, or -1
};

// From here on it is the child of a process that may have threads: system calls only.

void unmount_dead(const Orders& orders) {
  const auto present = device_at(orders.directory);
  const bool is_ours = present && (orders.mounted ? *present == orders.mounted->device
                                                  : !(*present == orders.before));
  if (!is_ours) {
    return;  // somebody else's by now, or never made
  }
  const bool is_direct = !orders.mounted || orders.mounted->way == MountWay::direct;
  // Whether it works is all that there is to know: nobody is left to be told of a failure.
  if (is_direct && detach(orders.directory, MountWay::direct)) {
    return;
  }
  if (!orders.mounted || orders.mounted->way == MountWay::helper) {
    execlp(kMountHelper, kMountHelper, "-u", "-q", "-z", "--", orders.directory,
           static_cast<char*>(nullptr));
  }
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
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0) {
      continue;
    }
    // What was written before the end counts, whichever of the two was noticed first.
    if ((watched[0].revents & POLLIN) == 0) {
      break;
    }
    Mounted mounted{};
    const ssize_t size = read(orders.pipe, &mounted, sizeof mounted);
    if (size == sizeof mounted) {
      orders.mounted = mounted;
    } else if (size == 1) {
      _exit(0);
    }
  }
  unmount_dead(orders);
  _exit(0);
}

}  // namespace

Result<Watcher> Watcher::start(const MountPoint& point) {
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
    watch({.directory = point.directory.c_str(),
           .before = point.before,
           .mounted = std::nullopt,
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

void Watcher::expect(const Attachment& attachment) {
  const Mounted mounted{.way = attachment.way, .device = attachment.device};
  send(&mounted, sizeof mounted);
}

// Less than PIPE_BUF: all of it or nothing.
void Watcher::send(const void* message, std::size_t size) {
  // MSG_NOSIGNAL is for sockets only: a watcher that was killed closes its end, which is no reason
  // to end by SIGPIPE here.
  sigset_t pipe_signal;
  sigset_t before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  if (write(pipe_.get(), message, size) < 0 && errno == EPIPE) {
    const timespec at_once{};
    sigtimedwait(&pipe_signal, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Watcher::~Watcher() {
  if (process_ == 0) {
    return;
  }
  const char byte = 0;
  send(&byte, sizeof byte);
  pipe_.reset();
  // ECHILD, where somebody else waits for all children, is as good.
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace seabag::mount
