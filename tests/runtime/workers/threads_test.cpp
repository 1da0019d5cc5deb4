#include "seabag/workers/threads.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "seabag/net/listener.h"
#include "seabag/server/handler.h"
#include "support/catch.h"
#include "support/fixed_assets.h"
#include "support/loopback.h"

namespace seabag::workers {
namespace {

TEST_CASE("servers in threads serve until SIGTERM", "[workers][threads]") {
  constexpr std::size_t kThreads = 3;
  auto listeners = net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), kThreads);
  REQUIRE(listeners);
  // Signals are for a whole process: in one of its own.
  const pid_t process = fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    test::FixedAssets assets;
    assets.add("/a.txt", "alpha\n");
    std::vector<std::unique_ptr<server::Server>> servers;
    for (std::size_t i = 0; i < kThreads; ++i) {
      servers.push_back(std::move(*server::Server::create({}, {.assets = &assets})));
      if (!servers.back()->listen(listeners->listener(i))) {
        _exit(2);
      }
    }
    _exit(run_threads(servers) ? 0 : 1);
  }
  for (int i = 0; i < 50; ++i) {
    test::Loopback client(listeners->address());
    CHECK(client.ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n").body == "alpha\n");
  }
  REQUIRE(kill(process, SIGTERM) == 0);
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace seabag::workers
