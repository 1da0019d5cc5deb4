#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "support/kernel_mount.h"
#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

using testing::can_mount;
using testing::is_mount_point;
using testing::wait_until_mounted;
using testing::wait_until_unmounted;

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("mount shows an app in the background until umount", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  const testing::TempDir directory;
  const std::string app = (directory / "app").string();
  testing::Tree tree;
  tree.file("index.html", "<title>Home</title>");
  testing::write_bundle(tree, app);
  const testing::TempDir point;
  const std::string path = point.path().string();
  Stage stage;
  const Outcome mounted = stage.run({"mount", app, path});
  INFO(mounted.err);
  REQUIRE(mounted.code == 0);
  CHECK(read_text(path + "/index.html") == "<title>Home</title>");
  CHECK(stage.run({"umount", path}).code == 0);
  CHECK_FALSE(is_mount_point(path));
  const Outcome again = stage.run({"umount", path});
  CHECK(again.code != 0);
  CHECK(is_one_line(again.err));
}

TEST_CASE("what is written to a mounted database is there at the next mount", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  const testing::TempDir directory;
  const std::string database = (directory / "state.db").string();
  const testing::TempDir point;
  const std::string path = point.path().string();
  Stage stage;
  REQUIRE(stage.run({"mount", database, path}).code == 0);
  std::ofstream(path + "/file") << "text";
  REQUIRE(stage.run({"umount", path}).code == 0);
  REQUIRE(stage.run({"mount", database, path}).code == 0);
  CHECK(read_text(path + "/file") == "text");
  REQUIRE(stage.run({"umount", path}).code == 0);
}

TEST_CASE("a directory is mounted read-only unless asked", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  const testing::TempDir source;
  const testing::TempDir point;
  const std::string path = point.path().string();
  Stage stage;
  REQUIRE(stage.run({"mount", source.path().string(), path}).code == 0);
  CHECK(mkdir((path + "/new").c_str(), 0755) == -1);
  CHECK(errno == EROFS);
  REQUIRE(stage.run({"umount", path}).code == 0);
  REQUIRE(stage.run({"mount", source.path().string(), path, "--writable"}).code == 0);
  CHECK(mkdir((path + "/new").c_str(), 0755) == 0);
  REQUIRE(stage.run({"umount", path}).code == 0);
  struct stat status {};
  CHECK(stat((source / "new").c_str(), &status) == 0);
}

TEST_CASE("an overlay keeps changes apart from the app", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  const testing::TempDir directory;
  const std::string app = (directory / "app").string();
  const std::string changes = (directory / "changes.db").string();
  testing::Tree tree;
  tree.file("index.html", "<title>Home</title>");
  tree.file("old.html", "old");
  testing::write_bundle(tree, app);
  const testing::TempDir point;
  const std::string path = point.path().string();
  Stage stage;
  REQUIRE(stage.run({"mount", app, path, "--overlay", changes}).code == 0);
  std::ofstream(path + "/index.html") << "changed";
  CHECK(unlink((path + "/old.html").c_str()) == 0);
  REQUIRE(stage.run({"umount", path}).code == 0);
  REQUIRE(stage.run({"mount", app, path, "--overlay", changes}).code == 0);
  CHECK(read_text(path + "/index.html") == "changed");
  struct stat status {};
  CHECK(stat((path + "/old.html").c_str(), &status) == -1);
  REQUIRE(stage.run({"umount", path}).code == 0);
  REQUIRE(stage.run({"mount", app, path, "--overlay", "memory:"}).code == 0);
  CHECK(read_text(path + "/index.html") == "<title>Home</title>");
  CHECK(stat((path + "/old.html").c_str(), &status) == 0);
  CHECK(mkdir((path + "/new").c_str(), 0755) == 0);
  REQUIRE(stage.run({"umount", path}).code == 0);
}

TEST_CASE("an overlay's changes stay when the app is updated", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  const testing::TempDir directory;
  const std::string app = (directory / "app").string();
  const std::string changes = (directory / "changes.db").string();
  testing::Tree first;
  first.file("index.html", "first");
  first.file("old.html", "old");
  testing::write_bundle(first, app);
  const testing::TempDir point;
  const std::string path = point.path().string();
  Stage stage;
  REQUIRE(stage.run({"mount", app, path, "--overlay", changes}).code == 0);
  std::ofstream(path + "/index.html") << "changed";
  const testing::TempDir other_point;
  const Outcome other =
      stage.run({"mount", app, other_point.path().string(), "--overlay", changes});
  INFO(other.err);
  CHECK(other.code != 0);
  CHECK(is_one_line(other.err));
  CHECK(other.err.find("another overlay has the database") != std::string::npos);
  REQUIRE(stage.run({"umount", path}).code == 0);

  testing::Tree second;  // every node has another number
  second.file("about.html", "new");
  second.file("blog.html", "new too");
  second.file("index.html", "second");
  second.file("old.html", "new as well");
  testing::write_bundle(second, app);
  REQUIRE(stage.run({"mount", app, path, "--overlay", changes}).code == 0);
  CHECK(read_text(path + "/index.html") == "changed");
  CHECK(read_text(path + "/about.html") == "new");
  CHECK(read_text(path + "/blog.html") == "new too");
  CHECK(read_text(path + "/old.html") == "new as well");
  REQUIRE(stage.run({"umount", path}).code == 0);
}

TEST_CASE("a mount in the foreground ends by a signal", "[command][mount]") {
  if (!can_mount()) {
    return;
  }
  for (const int number : {SIGTERM, SIGINT}) {
    const testing::TempDir point;
    const std::string path = point.path().string();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Stage stage;
      _exit(stage.run({"mount", "memory:", path, "--foreground"}).code);
    }
    wait_until_mounted(path);
    REQUIRE(kill(child, number) == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    CHECK_FALSE(is_mount_point(path));
  }
}

TEST_CASE("what can't be mounted is told in one line", "[command][mount]") {
  const testing::TempDir directory;
  std::ofstream(directory / "file") << "text";
  const std::string missing = (directory / "missing").string();
  Stage stage;
  const auto code_of = [&](const std::vector<std::string>& arguments) {
    const Outcome outcome = stage.run(arguments);
    INFO(outcome.err);
    CHECK(outcome.out.empty());
    CHECK(is_one_line(outcome.err));
    return outcome.code;
  };
  CHECK(code_of({"mount", missing, directory.path().string()}) == 3);
  CHECK(code_of({"mount", "memory:", missing}) == 3);
  CHECK(code_of({"mount", "memory:", (directory / "file").string()}) != 0);
  CHECK(code_of({"mount", "memory:", missing, "--overlay", "file.txt"}) == 2);
  CHECK(code_of({"mount", "memory:", missing, "--overlay", "memory:", "--writable"}) == 2);
  CHECK(code_of({"umount", directory.path().string()}) != 0);
}

}  // namespace seabag::command
