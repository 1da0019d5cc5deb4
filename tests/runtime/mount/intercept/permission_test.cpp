// What permission bits refuse an ordinary user, and not root.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "linked.h"
#include "support/program.h"

namespace {

using seabag::testing::Linked;

// The error of a call that failed, 0 for one that did not.
int failure(int result) { return result < 0 ? errno : 0; }

int failure_of_open(const char* path, int flags) {
  const int file = open(path, flags, 0644);
  const int number = failure(file);
  if (file >= 0) {
    close(file);
  }
  return number;
}

bool can_list(const char* path) {
  DIR* directory = opendir(path);
  if (directory != nullptr) {
    closedir(directory);
  }
  return directory != nullptr;
}

void change_mode(Linked& linked, const char* path, std::uint32_t mode) {
  REQUIRE(linked.session->files().set_attributes(path, {.mode = mode}));
}

// `refused` is what the bits refuse: EACCES, or 0 for root.
void check_files(Linked& linked, int refused) {
  linked.put("/seabag-app/file", "text");
  change_mode(linked, "/seabag-app/file", 0);
  struct stat status {};
  CHECK(failure(stat("/seabag-app/file", &status)) == 0);
  CHECK(failure_of_open("/seabag-app/file", O_RDONLY) == refused);
  CHECK(failure_of_open("/seabag-app/file", O_PATH) == 0);
  CHECK(failure(access("/seabag-app/file", R_OK)) == refused);
  CHECK(failure(access("/seabag-app/file", F_OK)) == 0);
  CHECK(failure(access("/seabag-app/file", X_OK)) == EACCES);
  CHECK(failure(truncate("/seabag-app/file", 1)) == refused);
  CHECK(failure(setxattr("/seabag-app/file", "user.a", "b", 1, 0)) == refused);
  REQUIRE(chmod("/seabag-app/file", 0400) == 0);
  CHECK(failure_of_open("/seabag-app/file", O_RDONLY) == 0);
  CHECK(failure_of_open("/seabag-app/file", O_RDWR) == refused);
  CHECK(failure_of_open("/seabag-app/file", O_WRONLY | O_APPEND) == refused);
  CHECK(failure_of_open("/seabag-app/file", O_RDONLY | O_TRUNC) == refused);
  CHECK(failure(access("/seabag-app/file", R_OK | W_OK)) == refused);
  REQUIRE(chmod("/seabag-app/file", 0200) == 0);
  CHECK(failure_of_open("/seabag-app/file", O_WRONLY) == 0);
  CHECK(failure_of_open("/seabag-app/file", O_RDONLY) == refused);
}

void check_directories(Linked& linked, int refused) {
  linked.put("/seabag-app/d/file", "text");
  change_mode(linked, "/seabag-app/d", 0600);
  struct stat status {};
  CHECK(failure(stat("/seabag-app/d/file", &status)) == refused);
  CHECK(failure_of_open("/seabag-app/d/file", O_RDONLY) == refused);
  CHECK(failure_of_open("/seabag-app/d/missing", O_RDONLY) == (refused != 0 ? refused : ENOENT));
  CHECK(failure(access("/seabag-app/d/.", F_OK)) == refused);
  CHECK(failure(chdir("/seabag-app/d")) == refused);
  REQUIRE(chdir("/") == 0);
  CHECK(can_list("/seabag-app/d"));
  change_mode(linked, "/seabag-app/d", 0300);
  CHECK(can_list("/seabag-app/d") == (refused == 0));
  CHECK(failure_of_open("/seabag-app/d", O_RDONLY | O_DIRECTORY) == refused);
  CHECK(failure(rename("/seabag-app/d/file", "/seabag-app/d/other")) == 0);
  change_mode(linked, "/seabag-app/d", 0500);
  CHECK(failure_of_open("/seabag-app/d/new", O_WRONLY | O_CREAT) == refused);
  CHECK(failure(mkdir("/seabag-app/d/folder", 0755)) == refused);
  CHECK(failure(mkdir("/seabag-app/d/other", 0755)) == EEXIST);
  CHECK(failure(link("/seabag-app/file", "/seabag-app/d/link")) == refused);
  CHECK(failure(rename("/seabag-app/d/other", "/seabag-app/away")) == refused);
  CHECK(failure(unlink("/seabag-app/d/other")) == (refused != 0 ? refused : ENOENT));
}

void check_owners(Linked& linked, int refused, int not_owner) {
  linked.put("/seabag-app/foreign", "text");
  constexpr std::uint32_t kStranger = 12345;
  const auto own = [&](const char* path, std::uint32_t gid) {
    REQUIRE(linked.session->files().set_attributes(path, {.uid = kStranger, .gid = gid}));
  };
  own("/seabag-app/foreign", kStranger);
  change_mode(linked, "/seabag-app/foreign", 0770);
  CHECK(failure_of_open("/seabag-app/foreign", O_RDONLY) == refused);
  CHECK(failure(chmod("/seabag-app/foreign", 0777)) == not_owner);
  own("/seabag-app/foreign", getegid());
  CHECK(failure_of_open("/seabag-app/foreign", O_RDWR) == 0);
  change_mode(linked, "/seabag-app/foreign", 0707);
  CHECK(failure_of_open("/seabag-app/foreign", O_RDWR) == refused);
  linked.put("/seabag-app/sticky/file", "text");
  own("/seabag-app/sticky/file", kStranger);
  own("/seabag-app/sticky", kStranger);
  change_mode(linked, "/seabag-app/sticky", 01777);
  CHECK(failure(unlink("/seabag-app/sticky/file")) == not_owner);
}

// Also where programs remember what they have opened.
const seabag::intercept::MountOptions kSteady = {.changes = seabag::intercept::Changes::by_session};

void check_remembered(int refused) {
  Linked linked(kSteady);
  linked.put("/seabag-app/d/file", "text");
  for (int round = 0; round < 4; ++round) {
    CHECK(failure_of_open("/seabag-app/d/file", O_RDONLY) == 0);
  }
  change_mode(linked, "/seabag-app/d", 0600);
  CHECK(failure_of_open("/seabag-app/d/file", O_RDONLY) == refused);
}

void check_all(int refused, int not_owner) {
  Linked linked;
  check_files(linked, refused);
  check_directories(linked, refused);
  check_owners(linked, refused, not_owner);
}

TEST_CASE("root is refused nothing", "[intercept][permission]") {
  if (geteuid() == 0) {
    check_all(0, 0);
    check_remembered(0);
  }
}

TEST_CASE("an ordinary user is refused what the bits refuse", "[.][intercept-as-user]") {
  REQUIRE(geteuid() != 0);
  check_all(EACCES, EPERM);
  check_remembered(EACCES);
  const auto shell = [](const char* command) { return WEXITSTATUS(std::system(command)); };
  Linked linked;
  linked.put("/seabag-app/file", "text");
  change_mode(linked, "/seabag-app/file", 0);
  CHECK(shell("cat /seabag-app/file 2>/dev/null") == 1);
  CHECK(shell("chmod 600 /seabag-app/file && cat /seabag-app/file > /dev/null") == 0);
}

TEST_CASE("permission bits hold for an ordinary user", "[intercept][permission]") {
  const auto ending = seabag::testing::run("/proc/self/exe", {"[intercept-as-user]"},
                                           {.is_unprivileged = geteuid() == 0});
  CAPTURE(ending.output);
  CHECK(ending.exit_code == 0);
  CHECK(ending.output.find("All tests passed") != std::string::npos);
}

}  // namespace
