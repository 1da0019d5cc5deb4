#include "seabag/net/timer_wheel.h"

#include <algorithm>
#include <limits>

namespace seabag::net {
namespace {

void make_ring(TimerLink& link) { link.previous = link.next = &link; }

void insert_before(TimerLink& position, TimerLink& link) {
  link.previous = position.previous;
  link.next = &position;
  position.previous->next = &link;
  position.previous = &link;
}

/// Moves all links of `from` to the empty ring `to`.
void take_all(TimerLink& from, TimerLink& to) {
  if (from.next == &from) {
    return;
  }
  to = from;
  to.next->previous = &to;
  to.previous->next = &to;
  make_ring(from);
}

}  // namespace

void Timer::cancel() {
  if (is_armed()) {
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
}

TimerWheel::TimerWheel(Milliseconds now) : tick_(now / kTick) {
  for (TimerLink& slot : slots_) {
    make_ring(slot);
  }
}

TimerWheel::~TimerWheel() {
  for (TimerLink& slot : slots_) {
    while (slot.next != &slot) {
      static_cast<Timer*>(slot.next)->cancel();
    }
  }
}

void TimerWheel::set(Timer& timer, Milliseconds deadline) {
  const bool can_stay = timer.is_armed() && deadline >= timer.deadline_;
  timer.deadline_ = deadline;
  if (!can_stay) {
    timer.cancel();
    link(timer);
  }
}

void TimerWheel::link(Timer& timer) {
  const std::uint64_t due = timer.deadline_ / kTick + (timer.deadline_ % kTick == 0 ? 0 : 1);
  const std::uint64_t tick = std::clamp(due, tick_ + 1, tick_ + kSlots);
  next_ = std::min(next_, tick);
  insert_before(slots_[tick % kSlots], timer);
}

void TimerWheel::advance(Milliseconds now) {
  const std::uint64_t target = now / kTick;
  if (target < next_) {
    tick_ = std::max(tick_, target);
    return;
  }
  const std::uint64_t behind = std::min<std::uint64_t>(target - tick_, kSlots);
  tick_ = target;
  for (std::uint64_t tick = target - behind + 1; tick <= target; ++tick) {
    run_slot(slots_[tick % kSlots], now);
  }
  find_next();
}

void TimerWheel::run_slot(TimerLink& slot, Milliseconds now) {
  TimerLink due;
  make_ring(due);
  take_all(slot, due);
  while (due.next != &due) {
    Timer& timer = *static_cast<Timer*>(due.next);
    timer.cancel();
    if (timer.deadline_ <= now) {
      timer.handler_->on_timer(timer);
    } else {
      link(timer);
    }
  }
}

void TimerWheel::find_next() {
  next_ = kNever;
  for (std::uint64_t tick = tick_ + 1; tick <= tick_ + kSlots; ++tick) {
    const TimerLink& slot = slots_[tick % kSlots];
    if (slot.next != &slot) {
      next_ = tick;
      return;
    }
  }
}

int TimerWheel::wait_from(Milliseconds now) const {
  if (next_ == kNever) {
    return -1;
  }
  const Milliseconds due = next_ * kTick;
  constexpr auto kLongest = static_cast<Milliseconds>(std::numeric_limits<int>::max());
  return due <= now ? 0 : static_cast<int>(std::min(due - now, kLongest));
}

}  // namespace seabag::net
