#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/app/admin_client.h"
#include "tools/app/notify_socket.h"
#include "tools/app/packed_app.h"

namespace seabag::app {

using testing::AdminClient;
using testing::Ending;
using testing::PackedApp;
using testing::ServingApp;

namespace {

/// A packed app with an admin listener, and workers that serve.
struct WatchedApp {
  explicit WatchedApp(std::vector<std::string> arguments = {}, const std::string& config = {})
      : packed(testing::BundleOptions{.config = config}),
        app(packed.path.string(), with_admin(std::move(arguments))),
        admin(app.program().read_line()) {
    admin.wait_until_ready();
  }

  static std::vector<std::string> with_admin(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--admin", "127.0.0.1:0"});
    return arguments;
  }

  PackedApp packed;
  ServingApp app;
  AdminClient admin;
};

}  // namespace

TEST_CASE("a packed app shows operators how it is, on a listener of its own", "[app][admin]") {
  WatchedApp watched({"--workers", "2"});
  CHECK(watched.admin.get("/healthz").body == "alive\n");
  CHECK(watched.admin.get("/metrics").body.find("\nseabag_ready 1\n") != std::string::npos);
  CHECK(watched.admin.get("/status").field("Content-Type") == "text/html; charset=utf-8");
  CHECK(watched.admin.status()["workers"].size() == 2);
  CHECK(watched.app.get("/status").status == 404);
  CHECK(watched.app.get("/").status == 200);
  watched.app.program().send_signal(SIGTERM);
  CHECK(watched.app.program().finish().exit_code == 0);
}

TEST_CASE("operators are answered while a worker dies and is replaced", "[app][admin]") {
  WatchedApp watched;
  const auto before = watched.admin.status()["workers"][0];
  CHECK(before["starts"] == 1);
  REQUIRE(kill(before["process"], SIGKILL) == 0);
  watched.admin.wait_until([&](const nlohmann::json& status) {
    const auto& worker = status["workers"][0];
    return worker["starts"] == 2 && worker["process"] != before["process"] && status["ready"];
  });
  CHECK(watched.app.get("/").body == testing::kPage);
}

TEST_CASE("a drain is told before the door closes", "[app][admin]") {
  WatchedApp watched({}, "[server.timeouts]\ndrain_delay = 3\n");
  watched.app.program().send_signal(SIGTERM);
  while (watched.admin.get("/readyz").status == 200) {
  }
  CHECK(watched.admin.get("/healthz").status == 200);
  CHECK(watched.admin.status()["workers"][0]["state"] == "draining");
  CHECK(watched.app.get("/").body == testing::kPage);
  CHECK(watched.app.program().finish().exit_code == 0);
}

TEST_CASE("the admin listener goes to the successor", "[app][admin][upgrade]") {
  const testing::NotifySocket manager;
  const PackedApp packed;
  const std::string socket = (packed.directory / "admin").string();
  testing::Program program(packed.path.string(),
                           {"--listen", "127.0.0.1:0", "--admin", "unix:" + socket},
                           {.prepare = [&manager] { return manager.enter(); }});
  (void)manager.wait_for("READY=1\nMAINPID=");  // waiting is all that it is for
  AdminClient admin("Admin on unix:" + socket);
  admin.wait_until_ready();
  const auto before = admin.status()["workers"][0]["process"];
  program.send_signal(SIGUSR2);
  const pid_t heir = std::stoi(manager.wait_for("READY=1\nMAINPID="));
  REQUIRE(heir != program.process());
  admin.wait_until([&](const nlohmann::json& status) {
    return status["ready"] && status["workers"][0]["process"] != before;
  });
  siginfo_t ending{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(program.process()), &ending, WEXITED | WNOWAIT) == 0);
  CHECK(admin.get("/readyz").status == 200);
  CHECK(std::filesystem::exists(socket));
  REQUIRE(kill(heir, SIGTERM) == 0);  // it holds the pipes that `finish` reads to their end
  CHECK(program.finish().exit_code == 0);
  while (std::filesystem::exists(socket)) {
  }
}

TEST_CASE("an admin address that others reach has to be meant", "[app][admin]") {
  const PackedApp packed;
  for (const char* address : {":9000", "0.0.0.0:9000", "192.0.2.1:9000", "[::]:9000"}) {
    const Ending ending = testing::run(packed.path.string(), {"--admin", address});
    INFO(ending.errors);
    CHECK(ending.exit_code == 2);
    CHECK(ending.errors.starts_with("app: --admin: '" + std::string(address) + "': everybody"));
    CHECK(ending.errors.ends_with("or write public:" + std::string(address) + "\n"));
    CHECK(std::count(ending.errors.begin(), ending.errors.end(), '\n') == 1);
  }
  ServingApp app(packed.path.string(), {"--admin", "public:0.0.0.0:0"});
  CHECK(app.program().read_line().starts_with("Admin on http://0.0.0.0:"));
}

}  // namespace seabag::app
