#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace seabag::net {

class Timer;

/// Milliseconds of CLOCK_MONOTONIC.
using Milliseconds = std::uint64_t;

/// Who is told that a timer's moment has come. The timer is no longer armed then.
class TimerHandler {
 public:
  virtual ~TimerHandler() = default;
  virtual void on_timer(Timer& timer) = 0;
};

/// What a slot of the wheel and a timer have in common: a place in a ring.
struct TimerLink {
  TimerLink* previous = nullptr;
  TimerLink* next = nullptr;
};

/// One moment in the future, linked into a wheel while it is armed. It must not outlive the wheel
/// while armed; destroying it disarms it. One thread at a time.
class Timer : private TimerLink {
 public:
  /// `handler` must outlive this.
  explicit Timer(TimerHandler& handler) : handler_(&handler) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  [[nodiscard]] bool is_armed() const { return next != nullptr; }
  /// The last moment it was set to.
  [[nodiscard]] Milliseconds deadline() const { return deadline_; }

  /// Disarms it, if it is armed.
  void cancel();

 private:
  friend class TimerWheel;

  TimerHandler* handler_;
  Milliseconds deadline_ = 0;
};

/// Deadlines of many connections. Moving an armed timer to a later moment, which every request
/// does, is one store: it stays where it is linked and moves on when the wheel comes to it. A timer
/// fires at most kTick late and never early. One thread at a time.
class TimerWheel {
 public:
  static constexpr Milliseconds kTick = 32;

  explicit TimerWheel(Milliseconds now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  /// Disarms what is still armed.
  ~TimerWheel();

  /// Arms `timer` for `deadline`, or moves it there. A moment that has passed fires in the next
  /// tick.
  void set(Timer& timer, Milliseconds deadline);

  /// Fires everything that is due at `now`, which never goes back. Handlers may set, cancel and
  /// destroy any timer.
  void advance(Milliseconds now);

  /// How long to wait from `now` until `advance` may have something to do; -1: nothing is armed.
  [[nodiscard]] int wait_from(Milliseconds now) const;

 private:
  static constexpr std::size_t kSlots = 512;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  void link(Timer& timer);
  void run_slot(TimerLink& slot, Milliseconds now);
  void find_next();

  std::uint64_t tick_;           ///< the last one that was run
  std::uint64_t next_ = kNever;  ///< nothing is linked before this one
  std::array<TimerLink, kSlots> slots_{};
};

}  // namespace seabag::net
