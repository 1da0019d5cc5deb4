#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tools/app/admin_client.h"
#include "tools/app/packed_app.h"

namespace seabag::app {

using testing::Ending;
using testing::PackedApp;
using testing::ServingApp;

TEST_CASE("a packed app serves its files", "[app][serve]") {
  const PackedApp packed;
  const ServingApp app(packed.path.string());
  const test::Reply page = app.get("/");
  CHECK(page.status == 200);
  CHECK(page.body == testing::kPage);
  CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
  CHECK(app.get("/notes/read%20me.txt").body == "spaces\n");
  CHECK(app.get("/latest/read%20me.txt").body == "spaces\n");
  CHECK(app.get("/nothing").status == 404);
}

TEST_CASE("a packed app ends cleanly on SIGINT and SIGTERM", "[app][serve]") {
  const PackedApp packed;
  for (const int number : {SIGINT, SIGTERM}) {
    ServingApp app(packed.path.string());
    REQUIRE(app.get("/").status == 200);
    app.program().send_signal(number);
    const Ending ending = app.program().finish();
    CHECK(ending.exit_code == 0);
    CHECK(ending.errors.empty());
  }
}

TEST_CASE("a packed app listens on several addresses", "[app][serve]") {
  const PackedApp packed;
  const std::string socket = (packed.directory / "socket").string();
  ServingApp app(packed.path.string(), {"--listen=unix:" + socket});
  CHECK(app.program().read_line() == "Serving on unix:" + socket);
  test::Loopback client(*net::Address::parse("unix:" + socket));
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
}

TEST_CASE("a packed app makes room for its connections", "[app][serve]") {
  const PackedApp packed;
  const auto limit_descriptors = [](rlim_t soft, rlim_t hard) {
    return testing::Surroundings{.prepare = [soft, hard] {
      const rlimit limit{.rlim_cur = soft, .rlim_max = hard};
      return setrlimit(RLIMIT_NOFILE, &limit) == 0;
    }};
  };
  const auto hold = [](const ServingApp& app, std::size_t count) {
    std::vector<std::unique_ptr<test::Loopback>> held;
    for (std::size_t i = 0; i < count; ++i) {
      held.push_back(std::make_unique<test::Loopback>(app.address()));
      REQUIRE(held.back()->ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
    }
  };
  {
    const PackedApp small({.config = "[server.limits]\nconnections = 200\n"});
    ServingApp app(small.path.string(), {"--workers", "1"}, limit_descriptors(64, 1024));
    hold(app, 150);
    app.program().send_signal(SIGTERM);
    CHECK(app.program().finish().errors.empty());
  }
  ServingApp app(packed.path.string(), {"--workers", "1"}, limit_descriptors(64, 500));
  hold(app, 200);
  app.program().send_signal(SIGTERM);
  CHECK(app.program().finish().errors ==
        "app: warning: a worker has at most 250 connections here, not 10000: the system allows a "
        "process 500 descriptors (raise LimitNOFILE= or ulimit -Hn)\n");
}

TEST_CASE("SIGHUP reads files of users again", "[app][auth]") {
  // `secret` and `other`
  constexpr const char* kSecret =
      "ann:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/"
      "O6IND4WQhG.\n";
  constexpr const char* kOther =
      "ann:$6$abcdefgh$4D4n7.jYz5DKbZPtZODCtKlEf/kOk6iu1UK0ZoFczy7m3m.f0FdRcJ0YXuVvfhaPRBBqkYEUbDW"
      "Tp46DxR8AK1\n";
  const testing::TempDir secrets;
  const std::string file = (secrets / "users").string();
  const auto write = [&file](const char* users) { std::ofstream(file) << users; };
  write(kSecret);
  const PackedApp packed({.config = "[[site.auth]]\nfile = \"" + file + "\"\n"});
  ServingApp app(packed.path.string(), {"--workers", "1"});
  const auto status_for = [&app](const std::string& credential) {
    test::Loopback client(app.address());
    return client
        .ask("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " + credential + "\r\n\r\n")
        .status;
  };
  constexpr const char* kWithSecret = "YW5uOnNlY3JldA==";
  constexpr const char* kWithOther = "YW5uOm90aGVy";
  REQUIRE(status_for(kWithSecret) == 200);
  write(kOther);
  app.program().send_signal(SIGHUP);
  while (status_for(kWithSecret) == 200) {
  }
  CHECK(status_for(kWithOther) == 200);

  write("ann:other\n");
  app.program().send_signal(SIGHUP);
  const Ending ending = [&] {
    CHECK(status_for(kWithOther) == 200);
    app.program().send_signal(SIGTERM);
    return app.program().finish();
  }();
  CHECK(ending.exit_code == 0);
  CHECK(ending.errors.find("app: the passwords stay as they were: passwords '" + file + ":1'") ==
        0);
}

TEST_CASE("a worker that starts after a rotation writes to the new log", "[app][log]") {
  const PackedApp packed;
  const std::string log = (packed.directory / "access.log").string();
  ServingApp app(packed.path.string(), {"--access-log", log, "--admin", "127.0.0.1:0"});
  const testing::AdminClient admin(app.program().read_line());
  admin.wait_until_ready();
  REQUIRE(app.get("/").status == 200);
  std::filesystem::rename(log, log + ".1");
  app.program().send_signal(SIGUSR1);
  while (!std::filesystem::exists(log)) {
  }
  const pid_t first = admin.status()["workers"][0]["process"];
  REQUIRE(kill(first, SIGKILL) == 0);
  admin.wait_until([](const nlohmann::json& status) {
    return status["workers"][0]["starts"] == 2 && status["ready"];
  });
  CHECK(app.get("/after").status == 404);
  app.program().send_signal(SIGTERM);
  CHECK(app.program().finish().exit_code == 0);
  std::stringstream lines;
  lines << std::ifstream(log).rdbuf();
  CHECK(lines.str().find("\"target\":\"/after\"") != std::string::npos);
}

TEST_CASE("a port in use is told in one line", "[app][serve]") {
  const PackedApp packed;
  const ServingApp first(packed.path.string());
  const std::string address = first.address().text();
  const Ending second = testing::run(packed.path.string(), {"--listen", address});
  CHECK(second.exit_code == 4);
  CHECK(second.output.empty());
  INFO(second.errors);
  CHECK(second.errors.starts_with("app: "));
  CHECK(second.errors.find(address) != std::string::npos);
  CHECK(std::count(second.errors.begin(), second.errors.end(), '\n') == 1);
}

TEST_CASE("a packed app serves with its standard streams closed", "[app][serve]") {
  const PackedApp packed;
  const std::string socket = (packed.directory / "socket").string();
  testing::Program program(packed.path.string(), {"--listen", "unix:" + socket},
                           {.closed_descriptors = {0, 2}});
  REQUIRE(program.read_line() == "Serving on unix:" + socket);
  test::Loopback client(*net::Address::parse("unix:" + socket));
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").body == testing::kPage);
}

TEST_CASE("a packed app runs in an empty root as nobody, unreadable", "[app][serve]") {
  if (geteuid() != 0) {
    WARN("skipped: chroot needs root");
    return;
  }
#ifdef SEABAG_STUB_IS_DYNAMIC
  WARN("skipped: with sanitizers the stub is not static");
#else
  const PackedApp packed;
  std::filesystem::permissions(packed.path, std::filesystem::perms(0111));
  const ServingApp app("/app", {}, {.root = packed.directory.path(), .is_unprivileged = true});
  CHECK(app.get("/").body == testing::kPage);
#endif
}

TEST_CASE("a packed app runs through a symlink", "[app][serve]") {
  const PackedApp packed;
  std::filesystem::create_symlink(packed.path, packed.directory / "link");
  const ServingApp app((packed.directory / "link").string());
  CHECK(app.get("/").body == testing::kPage);
}

TEST_CASE("a packed app goes on when its file is replaced", "[app][serve]") {
  const PackedApp packed;
  const ServingApp app(packed.path.string());
  testing::Tree other;
  other.file("index.html", "something else");
  testing::write_bundle(other, packed.path, {.stub = SEABAG_STUB});
  CHECK(app.get("/").body == testing::kPage);
}

}  // namespace seabag::app
