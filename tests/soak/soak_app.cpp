// The app that lifecycle and overload look at: a route for each kind of trouble.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "seabag/app/app.h"

namespace {

using namespace std::chrono_literals;
using seabag::server::Blocking;
using seabag::server::Request;
using seabag::server::Response;

/// Some 2 ms of a processor.
Response compute(const Request& /*request*/) {
  std::uint32_t state = 1;
  for (unsigned i = 0; i < 2'000'000; ++i) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
  }
  return Response::text(std::to_string(state) + "\n");
}

seabag::server::Handler wait_for(std::chrono::milliseconds time) {
  return [time](const Request&) {
    std::this_thread::sleep_for(time);
    return Response::text("waited\n");
  };
}

Response hang(const Request& /*request*/) {
  for (volatile bool is_stuck = true; is_stuck;) {
  }
  return Response::text("never\n");
}

}  // namespace

int main(int argc, char** argv) {
  seabag::app::App app;
  app.set_isolation(seabag::app::Isolation::processes);
  app.get("/quick", [](const Request&) { return Response::text("quick\n"); });
  app.get("/worker", [](const Request&) { return Response::text(std::to_string(getpid())); });
  app.get("/hang", hang);
  app.get("/compute", compute, {.blocking = Blocking{.concurrency = 2, .queue = 32}});
  app.get("/wait", wait_for(5ms), {.blocking = Blocking{.concurrency = 8, .queue = 32}});
  app.get("/stall", wait_for(2s), {.blocking = Blocking{}});
  app.get("/full", wait_for(2s), {.blocking = Blocking{.concurrency = 1, .queue = 1}});
  return app.run(argc, argv);
}
