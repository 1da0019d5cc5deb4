#include "seabag/workers/lifecycle.h"

#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "notifier.h"
#include "successor.h"

namespace seabag::workers {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kNever = Lifecycle::Moment::max();

std::string monotonic_microseconds() {
  const auto now = Clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

Lifecycle::Lifecycle(LifecycleOptions options)
    : options_(std::move(options)),
      notifier_(std::make_unique<Notifier>(options_.environment)),
      give_up_at_(kNever),
      next_beat_(kNever) {}

Lifecycle::~Lifecycle() = default;

void Lifecycle::note_serving() {
  if (std::exchange(is_serving_, true)) {
    return;
  }
  notifier_->send("READY=1\nMAINPID=" + std::to_string(getpid()));
  if (notifier_->watchdog_time().count() > 0) {
    next_beat_ = Clock::now();
    beat();
  }
  if (options_.predecessor.is_open()) {
    // One that has gone meanwhile needs no answer.
    [[maybe_unused]] const ssize_t written =
        send(options_.predecessor.get(), &kServes, 1, MSG_NOSIGNAL);
    options_.predecessor.reset();
  }
}

void Lifecycle::note_stopping() {
  if (has_successor_) {
    return;
  }
  notifier_->send("STOPPING=1");
  if (!options_.is_open_while_stopping) {
    close_doors();
  }
  if (successor_ != nullptr) {
    report("the new process " + std::to_string(successor_->number()) + " is ended too");
    successor_->kill();
    successor_.reset();
  }
}

/// Has the kernel drop what opens a connection. Closing the sockets would also reset those that
/// wait to be accepted, whose clients believe that they are connected.
void Lifecycle::close_doors() const {
  constexpr std::uint32_t kFlags = 13;  // where they are in a TCP header
  constexpr std::uint32_t kSyn = 0x02;
  constexpr std::uint32_t kAck = 0x10;
  constexpr std::uint32_t kAll = 0xffffffff;
  sock_filter program[] = {
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, kFlags},
      {BPF_ALU | BPF_AND | BPF_K, 0, 0, kSyn | kAck},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kSyn},
      {BPF_RET | BPF_K, 0, 0, 0},
      {BPF_RET | BPF_K, 0, 0, kAll},
  };
  const sock_fprog whole{.len = std::size(program), .filter = program};
  for (const SocketToPass& socket : options_.sockets) {
    if (socket.stays_open) {
      continue;
    }
    int domain = 0;
    socklen_t length = sizeof domain;
    if (getsockopt(socket.descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
        domain != AF_UNIX) {
      setsockopt(socket.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole);
    }
  }
}

void Lifecycle::start_upgrade(const sigset_t& mask) {
  if (successor_ != nullptr || has_successor_) {
    report("SIGUSR2: an upgrade is under way already");
    return;
  }
  if (options_.command.empty() || getpid() == 1) {
    report(getpid() == 1 ? "SIGUSR2: process 1 can't be replaced: start another container instead"
                         : "SIGUSR2: this process can't be replaced");
    return;
  }
  notifier_->send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_microseconds());
  auto started = Successor::start(options_.command, options_.sockets, mask);
  if (!started) {
    give_up(started.error().message());
    return;
  }
  successor_ = std::move(*started);
  give_up_at_ = Clock::now() + options_.start_time;
}

bool Lifecycle::is_replaced() {
  if (successor_ == nullptr) {
    return false;
  }
  switch (successor_->look()) {
    case Successor::State::starting:
      if (Clock::now() >= give_up_at_) {
        give_up("it does not begin to serve");
      }
      return false;
    case Successor::State::failed:
      give_up(successor_->failure());
      return false;
    case Successor::State::serves:
      break;
  }
  const std::string number = std::to_string(successor_->number());
  report("process " + number + " serves now; this one finishes what is under way");
  notifier_->send("READY=1\nMAINPID=" + number);
  has_successor_ = true;
  successor_.reset();
  give_up_at_ = next_beat_ = kNever;
  if (options_.on_replaced) {
    options_.on_replaced();
  }
  return true;
}

void Lifecycle::give_up(const std::string& why) {
  report("the new executable does not serve: " + why + "; this process goes on");
  if (successor_ != nullptr) {
    successor_->kill();
    successor_.reset();
  }
  give_up_at_ = kNever;
  notifier_->send("READY=1");
}

void Lifecycle::beat() {
  const Moment now = Clock::now();
  if (now >= next_beat_) {
    notifier_->send("WATCHDOG=1");
    next_beat_ = now + notifier_->watchdog_time() / 2;
  }
}

void Lifecycle::add_to(std::vector<pollfd>& waiting) const {
  if (successor_ != nullptr) {
    waiting.push_back({.fd = successor_->process(), .events = POLLIN, .revents = 0});
    waiting.push_back({.fd = successor_->messages(), .events = POLLIN, .revents = 0});
  }
}

Lifecycle::Moment Lifecycle::next_moment() const { return std::min(give_up_at_, next_beat_); }

void Lifecycle::report(const std::string& line) const {
  if (options_.report) {
    options_.report(line);
  }
}

}  // namespace seabag::workers
