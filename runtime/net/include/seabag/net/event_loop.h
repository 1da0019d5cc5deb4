#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "seabag/net/descriptor.h"
#include "seabag/net/timer_wheel.h"
#include "seabag/vfs/result.h"

namespace seabag::net {

/// What a watcher waits for; combine with `|`.
enum class Interest : std::uint32_t {
  input = 1,
  output = 2,
  edge = 4,       ///< tell only about news: the watcher goes on until nothing is left
  exclusive = 8,  ///< wake only some of the loops that watch the same descriptor
};
constexpr Interest operator|(Interest a, Interest b) {
  return static_cast<Interest>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

/// What a watcher is told.
struct Readiness {
  bool input = false;   ///< bytes, a connection or the end of input can be read
  bool output = false;  ///< there is space again
  /// The other side has finished or is lost, which is told once: read until the end shows, even
  /// when less came than there was space for.
  bool ending = false;
  bool again = false;  ///< what `EventLoop::call_again` promised
  bool lost = false;   ///< neither side can send any more
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Readiness readiness) = 0;

 private:
  friend class EventLoop;
  bool is_called_again_ = false;  ///< it is in one of the loop's lists
};

/// Waits for descriptors and for moments, and calls those who wait. It knows no protocol.
///
/// Nothing in this interface is epoll's: another backend (io_uring) fits behind it and behind
/// Stream, which owns the reading and writing. The clock is read once a turn. One thread at a time,
/// but for `notify`.
class EventLoop {
 public:
  /// Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] static Result<std::unique_ptr<EventLoop>> open();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Calls `watcher` when `descriptor` is ready, until `remove`, which comes before the end of
  /// either. Errors: ENOMEM, ENOSPC (fs.epoll.max_user_watches), EPERM (a regular file).
  [[nodiscard]] Result<void> add(int descriptor, Interest interest, Watcher& watcher);
  /// Waits for something else from now on. Errors: ENOMEM.
  [[nodiscard]] Result<void> change(int descriptor, Interest interest, Watcher& watcher);
  /// `watcher` is not called any more, also not for what this turn has found already.
  void remove(int descriptor, Watcher& watcher);

  /// Calls `watcher` once in the next turn, which will not wait: for work that was cut short to let
  /// others have their turn.
  void call_again(Watcher& watcher);
  /// Calls `watcher` once at the end of this turn, or soon when none is running.
  void call_soon(Watcher& watcher);
  /// Takes that back.
  void forget(Watcher& watcher);

  [[nodiscard]] TimerWheel& timers() { return timers_; }
  /// How many turns have begun.
  [[nodiscard]] std::uint64_t turn() const { return turn_; }
  /// CLOCK_MONOTONIC as of the start of this turn.
  [[nodiscard]] Milliseconds now() const { return now_; }
  /// The same in nanoseconds.
  [[nodiscard]] std::uint64_t turn_time() const { return turn_time_; }
  /// CLOCK_REALTIME as of the start of this turn.
  [[nodiscard]] std::int64_t unix_milliseconds() const { return unix_milliseconds_; }

  /// Waits until something is ready and calls everybody concerned. Errors: those of a kernel that
  /// fails (ENOMEM); an interrupted wait is no error.
  [[nodiscard]] Result<void> run_turn();

  /// Who is called (with `again`) after `notify`; null for nobody.
  void set_notified(Watcher* watcher) { notified_ = watcher; }
  /// Ends the wait of the turn that runs, or of the next one. Safe from every thread and from
  /// signal handlers.
  void notify();

 private:
  static constexpr std::size_t kMaxEvents = 256;
  struct Backend;

  EventLoop(Descriptor poller, Descriptor wakeup);
  void read_clocks();
  void dispatch(std::size_t count);
  void run_again();

  Descriptor poller_;
  Descriptor wakeup_;
  Watcher* notified_ = nullptr;
  std::uint64_t turn_ = 0;
  Milliseconds now_ = 0;
  std::uint64_t turn_time_ = 0;
  std::int64_t unix_milliseconds_ = 0;
  TimerWheel timers_;
  std::unique_ptr<Backend> backend_;  ///< what the kernel's interface needs, out of sight
  std::vector<Watcher*> again_;       ///< to be called in the next turn
  std::vector<Watcher*> running_;     ///< being called in this turn; null: forgotten
};

}  // namespace seabag::net
