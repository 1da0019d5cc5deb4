#include "seabag/workers/scoreboard.h"

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"

namespace seabag::workers {
namespace {

TEST_CASE("a process forked later writes what others read", "[workers][scoreboard]") {
  const auto board = Scoreboard::create(3);
  REQUIRE(board);
  REQUIRE(board->slots().size() == 3);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    WorkerSlot& slot = board->slots()[1];
    Scoreboard::note_start(slot);
    server::Vitals::add(slot.vitals.requests, 7);
    slot.vitals.state.store(server::LoopState::serving);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  const WorkerSlot& slot = board->slots()[1];
  CHECK(slot.starts == 1);
  CHECK(slot.started_at > 1'600'000'000'000);
  CHECK(slot.vitals.requests == 7);
  CHECK(slot.vitals.state == server::LoopState::serving);
  CHECK(board->slots()[0].starts == 0);
}

TEST_CASE("totals outlive the worker that made them", "[workers][scoreboard]") {
  const auto board = Scoreboard::create(1);
  REQUIRE(board);
  WorkerSlot& slot = board->slots()[0];
  server::Vitals::add(slot.vitals.requests, 5);
  server::Vitals::add(slot.vitals.bytes, 500);
  slot.vitals.connections = 3;
  slot.vitals.heartbeat = 1234;
  slot.vitals.state = server::LoopState::draining;
  Scoreboard::note_start(slot);
  CHECK(slot.vitals.requests == 5);
  CHECK(slot.vitals.bytes == 500);
  CHECK(slot.vitals.connections == 0);
  CHECK(slot.vitals.heartbeat == 0);
  CHECK(slot.vitals.state == server::LoopState::starting);
}

}  // namespace
}  // namespace seabag::workers
