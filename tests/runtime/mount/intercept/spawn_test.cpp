// posix_spawn(3) with file actions that lead into a mount.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "linked.h"

namespace {

using seabag::testing::Linked;

/// A list of file actions.
struct Actions {
  Actions() { posix_spawn_file_actions_init(&list); }
  ~Actions() { posix_spawn_file_actions_destroy(&list); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  posix_spawn_file_actions_t list{};
};

/// Runs a command of the shell; its exit code, or the negative errno of posix_spawn.
int spawn(const Actions& actions, std::string command) {
  std::string shell = "sh";
  std::string flag = "-c";
  std::array<char*, 4> words = {shell.data(), flag.data(), command.data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawn(&child, "/bin/sh", &actions.list, nullptr, words.data(), environ);
  if (failed != 0) {
    return -failed;
  }
  int status = -1;
  return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a spawned program gets files of a mount as descriptors", "[intercept][spawn]") {
  Linked linked;
  linked.put("/seabag-app/in", "text\n");
  Actions actions;
  REQUIRE(posix_spawn_file_actions_addopen(&actions.list, 0, "/seabag-app/in", O_RDONLY, 0) == 0);
  REQUIRE(posix_spawn_file_actions_addopen(&actions.list, 1, "/seabag-app/out",
                                           O_WRONLY | O_CREAT | O_TRUNC, 0640) == 0);
  for (int round = 0; round < 2; ++round) {
    CHECK(spawn(actions, "cat; ls /proc/self/fd | wc -l") == 0);
    CHECK(linked.text("/seabag-app/out").substr(0, 5) == "text\n");
  }
  CHECK(linked.session->files().stat("/seabag-app/out")->mode == 0640);
}

TEST_CASE("an open that fails is the failure of the start", "[intercept][spawn]") {
  const Linked linked;
  Actions actions;
  REQUIRE(posix_spawn_file_actions_addopen(&actions.list, 0, "/seabag-app/missing", O_RDONLY, 0) ==
          0);
  CHECK(spawn(actions, "true") == -ENOENT);
}

TEST_CASE("a spawned program works in a directory of a mount", "[intercept][spawn]") {
  Linked linked;
  linked.put("/seabag-app/d/f", "text\n");
  {
    Actions actions;
    REQUIRE(posix_spawn_file_actions_addchdir_np(&actions.list, "/seabag-app/d") == 0);
    REQUIRE(posix_spawn_file_actions_addopen(&actions.list, 0, "f", O_RDONLY, 0) == 0);
    CHECK(spawn(actions,
                "test \"$(cat f)\" = text && test \"$(pwd)\" = /seabag-app/d && "
                "test \"$(cat)\" = text") == 0);
  }
  const int directory = open("/seabag-app/d", O_RDONLY | O_DIRECTORY);
  {
    Actions actions;
    REQUIRE(posix_spawn_file_actions_addfchdir_np(&actions.list, directory) == 0);
    CHECK(spawn(actions, "cat f > copy") == 0);
    CHECK(linked.text("/seabag-app/d/copy") == "text\n");
  }
  close(directory);
  const Actions actions;
  CHECK(spawn(actions, "test -e f") == 1);
}

}  // namespace
