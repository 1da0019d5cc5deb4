#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/kernel_mount.h"
#include "tools/app/admin_client.h"
#include "tools/app/packed_app.h"

namespace seabag::state {

using testing::Ending;
using testing::PackedApp;
using testing::ServingApp;

namespace {

std::string post(const ServingApp& app, const std::string& target, const std::string& body) {
  test::Loopback client(app.address());
  return client
      .ask("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body)
      .body;
}

void stop(ServingApp& app) {
  app.program().send_signal(SIGTERM);
  const Ending ending = app.program().finish();
  INFO(ending.errors << ", signal " << ending.signal);
  REQUIRE(ending.exit_code == 0);
}

}  // namespace

TEST_CASE("what an app writes is served, and is there after a restart", "[state]") {
  const PackedApp packed;
  const std::string database = (packed.directory / "state.db").string();
  {
    ServingApp app(packed.path.string(), {"--state", database});
    CHECK(app.get("/").body == testing::kPage);
    CHECK(app.get("/notes/new").status == 404);
    CHECK(post(app, "/keep/new", "first\n") == "kept");
    CHECK(app.get("/notes/new").body == "first\n");
    stop(app);
  }
  ServingApp app(packed.path.string(), {"--state", database, "--workers", "2"});
  CHECK(app.get("/notes/new").body == "first\n");
  CHECK(app.get("/notes/read%20me.txt").body == "spaces\n");
  CHECK(post(app, "/keep/new", "second\n") == "kept");
  CHECK(app.get("/notes/new").body == "second\n");
  stop(app);
}

TEST_CASE("threads rotate their log", "[state][log]") {
  const PackedApp packed;
  const std::string log = (packed.directory / "access.log").string();
  ServingApp app(packed.path.string(), {"--state", (packed.directory / "state.db").string(),
                                        "--workers", "2", "--access-log", log});
  CHECK(app.get("/before").status == 404);
  std::filesystem::rename(log, log + ".1");
  app.program().send_signal(SIGUSR1);
  while (!std::filesystem::exists(log)) {
  }
  CHECK(app.get("/after").status == 404);
  stop(app);
  const auto text_of = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  // What one thread has gathered may come after the file is another one; nothing is lost.
  CHECK((text_of(log + ".1") + text_of(log)).find("\"target\":\"/before\"") != std::string::npos);
  CHECK(text_of(log).find("\"target\":\"/after\"") != std::string::npos);
}

TEST_CASE("operators look at threads too, until the last one has ended", "[state][admin]") {
  const PackedApp packed({.config = "[server.timeouts]\ndrain_delay = 3\n"});
  const std::string database = (packed.directory / "state.db").string();
  ServingApp app(packed.path.string(),
                 {"--state", database, "--workers", "2", "--admin", "127.0.0.1:0"});
  const testing::AdminClient admin(app.program().read_line());
  admin.wait_until_ready();
  CHECK(admin.status()["workers"].size() == 2);
  CHECK(admin.status()["workers"][0]["process"] == app.program().process());
  app.program().send_signal(SIGTERM);
  while (admin.get("/readyz").status == 200) {
  }
  CHECK(admin.get("/healthz").status == 200);
  CHECK(app.get("/").status == 200);
  CHECK(app.program().finish().exit_code == 0);
}

TEST_CASE("what is written to a mounted app is served", "[state][mount]") {
  if (!testing::can_mount()) {
    return;
  }
  const PackedApp packed;
  const std::string database = (packed.directory / "state.db").string();
  {
    const testing::TempDir point;
    testing::Program mounted(packed.path.string(),
                             {"--state", database, "--bundle-mount", point.path().string()});
    CHECK(mounted.read_line() == "mounted at " + point.path().string());
    std::filesystem::rename(point / "notes", point / "moved");
    std::filesystem::remove(point / "index.html");
    testing::write_file_bytes(point / "index.html",
                              std::as_bytes(std::span(std::string_view("mine\n"))));
    mounted.send_signal(SIGTERM);
    CHECK(mounted.finish().exit_code == 0);
  }
  ServingApp app(packed.path.string(), {"--state", database});
  CHECK(app.get("/").body == "mine\n");
  CHECK(app.get("/moved/read%20me.txt").body == "spaces\n");
  CHECK(app.get("/notes/read%20me.txt").status == 404);
  stop(app);
}

TEST_CASE("without --state an app cannot write", "[state]") {
  const PackedApp packed;
  const ServingApp app(packed.path.string());
  CHECK(post(app, "/keep/new", "x").find("Read-only") != std::string::npos);
}

TEST_CASE("what was written stays when the app is killed, and when it is updated", "[state]") {
  PackedApp packed;
  const std::string database = (packed.directory / "state.db").string();
  {
    ServingApp app(packed.path.string(), {"--state", database});
    CHECK(post(app, "/keep/read%20me.txt", "mine\n") == "kept");
    CHECK(post(app, "/keep/new", "first\n") == "kept");
    CHECK(post(app, "/sync", "") == "done");
    app.program().send_signal(SIGKILL);
    CHECK(app.program().finish().signal == SIGKILL);
  }
  // The next version: every node has another number.
  testing::Tree tree;
  tree.file("about.html", "about\n");
  tree.file("also.html", "also\n");
  tree.file("index.html", "next\n");
  tree.file("notes/another.txt", "another\n");
  tree.file("notes/read me.txt", "newer\n");
  std::filesystem::remove(packed.path);
  testing::write_bundle(tree, packed.path, {.stub = SEABAG_STUB});
  ServingApp app(packed.path.string(), {"--state", database});
  CHECK(app.get("/notes/read%20me.txt").body == "mine\n");
  CHECK(app.get("/notes/new").body == "first\n");
  CHECK(app.get("/notes/another.txt").body == "another\n");
  CHECK(app.get("/").body == "next\n");
  CHECK(app.get("/about.html").body == "about\n");
  CHECK(app.get("/also.html").body == "also\n");
  stop(app);
}

/// Runs the app, which must refuse the database in one line that names it.
std::string refusal(const PackedApp& packed, const std::string& database,
                    const testing::Surroundings& surroundings = {}) {
  const Ending ending = testing::run(
      packed.path.string(), {"--listen", "127.0.0.1:0", "--state", database}, surroundings);
  INFO(ending.errors);
  CHECK(ending.exit_code > 0);
  CHECK(ending.output.empty());
  CHECK(ending.errors.starts_with("app: "));
  CHECK(ending.errors.find(database) != std::string::npos);
  CHECK(std::count(ending.errors.begin(), ending.errors.end(), '\n') == 1);
  return ending.errors;
}

TEST_CASE("a database that cannot be had is refused in one line", "[state]") {
  const PackedApp packed;
  const std::string other = (packed.directory / "other.db").string();
  testing::write_file_bytes(other, std::as_bytes(std::span(std::string_view("no database"))));
  CHECK(refusal(packed, other).find("not a SQLite database") != std::string::npos);
  refusal(packed, (packed.directory / "missing/state.db").string());
  refusal(packed, packed.directory.path().string());

  const std::string taken = (packed.directory / "taken.db").string();
  ServingApp app(packed.path.string(), {"--state", taken});
  CHECK(refusal(packed, taken).find("another overlay has the database") != std::string::npos);
  CHECK(post(app, "/keep/new", "still\n") == "kept");
  stop(app);
  if (geteuid() == 0) {
    refusal(packed, taken, {.is_unprivileged = true});
  }
}

TEST_CASE("the flag is in the help of apps that have it", "[state]") {
  const PackedApp packed;
  CHECK(testing::run(packed.path.string(), {"--help"}).output.find("--state FILE") !=
        std::string::npos);
}

}  // namespace seabag::state
