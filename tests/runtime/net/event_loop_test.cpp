#include "seabag/net/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "support/catch.h"

namespace seabag::net {
namespace {

/// Calls what the test gives it.
class Call final : public Watcher {
 public:
  explicit Call(std::function<void(Readiness)> function) : function_(std::move(function)) {}
  void on_ready(Readiness readiness) override { function_(readiness); }

 private:
  std::function<void(Readiness)> function_;
};

Descriptor make_event(unsigned value) {
  return Descriptor(eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK));
}

TEST_CASE("a loop calls the watcher of what is ready, and no other", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  const Descriptor ready = make_event(1);
  const Descriptor idle = make_event(0);
  int calls = 0;
  Call on_input([&](Readiness readiness) {
    CHECK(readiness.input);
    CHECK_FALSE(readiness.output);
    ++calls;
  });
  Call never([](Readiness) { FAIL("called without a reason"); });
  REQUIRE((*loop)->add(ready.get(), Interest::input, on_input));
  REQUIRE((*loop)->add(idle.get(), Interest::input, never));
  REQUIRE((*loop)->run_turn());
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 2);
  REQUIRE((*loop)->change(ready.get(), Interest::output | Interest::edge, on_input));
  (*loop)->remove(ready.get(), on_input);
  (*loop)->remove(idle.get(), never);
}

TEST_CASE("a watcher told by edges is told about news only", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  const Descriptor event = make_event(1);
  int calls = 0;
  Call watcher([&](Readiness) { ++calls; });
  REQUIRE((*loop)->add(event.get(), Interest::input | Interest::edge, watcher));
  REQUIRE((*loop)->run_turn());
  (*loop)->notify();
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 1);
  REQUIRE(eventfd_write(event.get(), 1) == 0);
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 2);
  (*loop)->remove(event.get(), watcher);
}

TEST_CASE("a watcher removed by another one is not called in the same turn", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  const Descriptor events[] = {make_event(1), make_event(1)};
  std::vector<Call*> alive;
  int calls = 0;
  const auto remove_both = [&](Readiness) {
    ++calls;
    for (std::size_t i = 0; i < 2; ++i) {
      (*loop)->remove(events[i].get(), *alive[i]);
    }
  };
  Call first(remove_both);
  Call second(remove_both);
  alive = {&first, &second};
  REQUIRE((*loop)->add(events[0].get(), Interest::input, first));
  REQUIRE((*loop)->add(events[1].get(), Interest::input, second));
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 1);
}

TEST_CASE("work that asks for another turn gets it without waiting", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  int calls = 0;
  Call* self = nullptr;
  Call other([](Readiness) { FAIL("forgotten, and called"); });
  Call watcher([&](Readiness readiness) {
    CHECK(readiness.again);
    if (++calls < 3) {
      (*loop)->call_again(*self);
      (*loop)->call_again(*self);
    }
    (*loop)->forget(other);
  });
  self = &watcher;
  (*loop)->call_again(watcher);
  (*loop)->call_again(other);
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 1);
  REQUIRE((*loop)->run_turn());
  REQUIRE((*loop)->run_turn());
  CHECK(calls == 3);
}

TEST_CASE("a loop wakes for its timers", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  class Fire final : public TimerHandler {
   public:
    void on_timer(Timer&) override { fired = true; }
    bool fired = false;
  } fire;
  Timer timer(fire);
  const Milliseconds deadline = (*loop)->now() + 40;
  (*loop)->timers().set(timer, deadline);
  while (!fire.fired) {
    REQUIRE((*loop)->run_turn());
  }
  CHECK((*loop)->now() >= deadline);
  CHECK((*loop)->unix_milliseconds() > 1'600'000'000'000);
}

TEST_CASE("another thread can wake a loop", "[net][loop]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  int calls = 0;
  Call notified([&](Readiness readiness) {
    CHECK(readiness.again);
    ++calls;
  });
  (*loop)->set_notified(&notified);
  std::thread other([&] { (*loop)->notify(); });
  while (calls == 0) {
    REQUIRE((*loop)->run_turn());
  }
  other.join();
  CHECK(calls == 1);
}

}  // namespace
}  // namespace seabag::net
