#include "seabag/net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

namespace seabag::net {
namespace {

bool has(Interest set, Interest one) {
  return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(one)) != 0;
}

std::uint32_t to_events(Interest interest) {
  std::uint32_t events = 0;
  events |= has(interest, Interest::input) ? EPOLLIN | EPOLLRDHUP : 0U;
  events |= has(interest, Interest::output) ? EPOLLOUT : 0U;
  events |= has(interest, Interest::edge) ? EPOLLET : 0U;
  if (has(interest, Interest::exclusive)) {
    events = (events & ~static_cast<std::uint32_t>(EPOLLRDHUP)) | EPOLLEXCLUSIVE;
  }
  return events;
}

Readiness to_readiness(std::uint32_t events) {
  return {.input = (events & (EPOLLIN | EPOLLRDHUP)) != 0,
          .output = (events & EPOLLOUT) != 0,
          .ending = (events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0,
          .lost = (events & (EPOLLERR | EPOLLHUP)) != 0};
}

/// Never a system call; some clocks are a few milliseconds coarse, which deadlines do not mind.
timespec read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now;
}

std::int64_t to_milliseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

Milliseconds monotonic_now() {
  return static_cast<Milliseconds>(to_milliseconds(read_clock(CLOCK_MONOTONIC_COARSE)));
}

}  // namespace

struct EventLoop::Backend {
  std::array<epoll_event, kMaxEvents> events{};
  std::size_t next = 0;   ///< events before this one have been dispatched
  std::size_t count = 0;  ///< of this turn
};

Result<std::unique_ptr<EventLoop>> EventLoop::open() {
  Descriptor poller(epoll_create1(EPOLL_CLOEXEC));
  if (!poller.is_open()) {
    return errno_error(errno, "epoll_create1");
  }
  Descriptor wakeup(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wakeup.is_open()) {
    return errno_error(errno, "eventfd");
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // never read: every write is news
  event.data.ptr = nullptr;
  if (epoll_ctl(poller.get(), EPOLL_CTL_ADD, wakeup.get(), &event) != 0) {
    return errno_error(errno, "epoll_ctl");
  }
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(poller), std::move(wakeup)));
}

EventLoop::EventLoop(Descriptor poller, Descriptor wakeup)
    : poller_(std::move(poller)),
      wakeup_(std::move(wakeup)),
      timers_(monotonic_now()),
      backend_(std::make_unique<Backend>()) {
  read_clocks();
}

EventLoop::~EventLoop() = default;

void EventLoop::read_clocks() {
  constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
  const timespec exact = read_clock(CLOCK_MONOTONIC);
  now_ = static_cast<Milliseconds>(to_milliseconds(exact));
  turn_time_ = static_cast<std::uint64_t>(exact.tv_sec) * kNanosecondsPerSecond +
               static_cast<std::uint64_t>(exact.tv_nsec);
  unix_milliseconds_ = to_milliseconds(read_clock(CLOCK_REALTIME_COARSE));
}

Result<void> EventLoop::add(int descriptor, Interest interest, Watcher& watcher) {
  epoll_event event{};
  event.events = to_events(interest);
  event.data.ptr = &watcher;
  if (epoll_ctl(poller_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return errno_error(errno, "epoll_ctl");
  }
  return {};
}

Result<void> EventLoop::change(int descriptor, Interest interest, Watcher& watcher) {
  epoll_event event{};
  event.events = to_events(interest);
  event.data.ptr = &watcher;
  if (epoll_ctl(poller_.get(), EPOLL_CTL_MOD, descriptor, &event) != 0) {
    return errno_error(errno, "epoll_ctl");
  }
  return {};
}

void EventLoop::remove(int descriptor, Watcher& watcher) {
  epoll_ctl(poller_.get(), EPOLL_CTL_DEL, descriptor, nullptr);  // fails only when not there
  for (std::size_t i = backend_->next; i < backend_->count; ++i) {
    if (backend_->events[i].data.ptr == &watcher) {
      backend_->events[i].events = 0;
    }
  }
  forget(watcher);
}

void EventLoop::call_again(Watcher& watcher) {
  if (!watcher.is_called_again_) {
    watcher.is_called_again_ = true;
    again_.push_back(&watcher);
  }
}

void EventLoop::call_soon(Watcher& watcher) {
  if (!watcher.is_called_again_) {
    watcher.is_called_again_ = true;
    running_.push_back(&watcher);
  }
}

void EventLoop::forget(Watcher& watcher) {
  if (!watcher.is_called_again_) {
    return;
  }
  watcher.is_called_again_ = false;
  std::erase(again_, &watcher);
  std::replace(running_.begin(), running_.end(), &watcher, static_cast<Watcher*>(nullptr));
}

Result<void> EventLoop::run_turn() {
  const bool has_work = !again_.empty() || !running_.empty();
  const int wait = has_work ? 0 : timers_.wait_from(now_);
  const int count =
      epoll_wait(poller_.get(), backend_->events.data(), static_cast<int>(kMaxEvents), wait);
  if (count < 0 && errno != EINTR) {
    return errno_error(errno, "epoll_wait");
  }
  read_clocks();
  ++turn_;
  running_.insert(running_.end(), again_.begin(), again_.end());
  again_.clear();
  dispatch(count > 0 ? static_cast<std::size_t>(count) : 0);
  run_again();
  timers_.advance(now_);
  return {};
}

void EventLoop::dispatch(std::size_t count) {
  backend_->count = count;
  for (backend_->next = 0; backend_->next < backend_->count;) {
    const epoll_event event = backend_->events[backend_->next];
    ++backend_->next;
    if (event.data.ptr == nullptr) {
      if (notified_ != nullptr) {
        notified_->on_ready({.again = true});
      }
    } else if (event.events != 0) {
      static_cast<Watcher*>(event.data.ptr)->on_ready(to_readiness(event.events));
    }
  }
  backend_->next = backend_->count = 0;
}

void EventLoop::run_again() {
  // By index: whoever is called may forget others, which only clears their places.
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (Watcher* watcher = running_[i]; watcher != nullptr) {
      running_[i] = nullptr;
      watcher->is_called_again_ = false;
      watcher->on_ready({.again = true});
    }
  }
  running_.clear();
}

void EventLoop::notify() {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, which wakes the loop as well.
  if (write(wakeup_.get(), &one, sizeof one) < 0) {
    return;
  }
}

}  // namespace seabag::net
