#include "seabag/net/timer_wheel.h"

#include <memory>
#include <vector>

#include "support/catch.h"

namespace seabag::net {
namespace {

/// Remembers which timers fired.
class Log final : public TimerHandler {
 public:
  void on_timer(Timer& timer) override { fired.push_back(&timer); }

  std::vector<Timer*> fired;
};

TEST_CASE("a timer fires once, never early and at most a tick late", "[net][timer]") {
  for (const Milliseconds delay : {0U, 1U, 31U, 32U, 33U, 1'000U, 16'384U, 60'000U, 3'600'000U}) {
    CAPTURE(delay);
    const Milliseconds start = 123'457;
    TimerWheel wheel(start);
    Log log;
    Timer timer(log);
    wheel.set(timer, start + delay);
    Milliseconds now = start;
    while (log.fired.empty()) {
      REQUIRE(now <= start + delay + TimerWheel::kTick);
      const int wait = wheel.wait_from(now);
      REQUIRE(wait >= 0);
      now += wait > 0 ? static_cast<Milliseconds>(wait) : 1;
      wheel.advance(now);
    }
    CHECK(now >= start + delay);
    CHECK_FALSE(timer.is_armed());
    CHECK(wheel.wait_from(now) == -1);
    wheel.advance(now + 1'000'000);
    CHECK(log.fired.size() == 1);
  }
}

TEST_CASE("a wheel without timers never wakes anybody", "[net][timer]") {
  TimerWheel wheel(5);
  CHECK(wheel.wait_from(5) == -1);
  Log log;
  Timer timer(log);
  wheel.set(timer, 1'000);
  CHECK(wheel.wait_from(5) > 0);
  timer.cancel();
  wheel.advance(2'000);
  CHECK(wheel.wait_from(2'000) == -1);
  CHECK(log.fired.empty());
}

TEST_CASE("a timer can be moved later and earlier", "[net][timer]") {
  TimerWheel wheel(0);
  Log log;
  Timer timer(log);
  wheel.set(timer, 100);
  wheel.set(timer, 1'000);
  wheel.advance(999);
  CHECK(log.fired.empty());
  wheel.set(timer, 60'000);
  wheel.advance(30'000);
  CHECK(log.fired.empty());
  wheel.set(timer, 30'100);
  wheel.advance(30'100 + TimerWheel::kTick);
  CHECK(log.fired.size() == 1);
}

TEST_CASE("a long pause fires everything that was due, and nothing else", "[net][timer]") {
  TimerWheel wheel(0);
  Log log;
  std::vector<std::unique_ptr<Timer>> timers;
  for (Milliseconds deadline = 0; deadline < 100'000; deadline += 777) {
    timers.push_back(std::make_unique<Timer>(log));
    wheel.set(*timers.back(), deadline);
  }
  wheel.advance(50'000);
  CHECK(log.fired.size() == 65);
  for (Timer* timer : log.fired) {
    CHECK(timer->deadline() <= 50'000);
  }
}

/// Does what a handler may do: destroys another timer and arms itself again.
class Meddler final : public TimerHandler {
 public:
  explicit Meddler(TimerWheel& wheel) : wheel_(&wheel) {}
  void on_timer(Timer& timer) override {
    ++count;
    victim.reset();
    wheel_->set(timer, timer.deadline() + 10);
  }

  int count = 0;
  std::unique_ptr<Timer> victim;

 private:
  TimerWheel* wheel_;
};

TEST_CASE("a handler may destroy other timers and set its own again", "[net][timer]") {
  TimerWheel wheel(0);
  Meddler meddler(wheel);
  Log log;
  Timer timer(meddler);
  meddler.victim = std::make_unique<Timer>(log);
  wheel.set(timer, 40);
  wheel.set(*meddler.victim, 40);
  wheel.advance(64);
  CHECK(meddler.count == 1);
  CHECK(log.fired.empty());
  wheel.advance(96);
  CHECK(meddler.count == 2);
}

TEST_CASE("destroying a wheel disarms its timers", "[net][timer]") {
  Log log;
  Timer timer(log);
  {
    TimerWheel wheel(0);
    wheel.set(timer, 10);
    CHECK(timer.is_armed());
  }
  CHECK_FALSE(timer.is_armed());
}

}  // namespace
}  // namespace seabag::net
