#include "seabag/mount/private_mounts.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/kernel_mount.h"

namespace seabag::testing {
namespace {

constexpr int kForbidden = 77;
constexpr uid_t kNobody = 65534;

/// What `body`, run in a process of its own, returns.
int exit_code_of(const std::function<int()>& body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    _exit(body());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/// Becomes an ordinary user, with the files of /proc/self that such a one has.
bool become_nobody() {
  return setgid(kNobody) == 0 && setuid(kNobody) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

/// Mounts in private at `directory` and uses it: 0, or the number of the step that failed.
int mount_in_private(const std::string& directory) {
  const uid_t user = geteuid();
  if (access("/dev/fuse", R_OK | W_OK) != 0) {
    return kForbidden;
  }
  if (const auto done = mount::make_mounts_private(); !done) {
    return done.error().is(std::errc::operation_not_permitted) ? kForbidden : 1;
  }
  if (geteuid() != user) {
    return 2;
  }
  const auto mounted = mount::KernelMount::mount(directory, make_own_memory());
  if (!mounted) {
    std::fprintf(stderr, "%s\n", mounted.error().message().c_str());
    return 3;
  }
  const int file = open((directory + "/file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  return file >= 0 && close(file) == 0 && is_mount_point(directory) ? 0 : 4;
}

void check_private(const std::string& directory, const std::function<int()>& body) {
  const int code = exit_code_of(body);
  if (code == kForbidden) {
    WARN("skipped, because this machine forbids user namespaces, or /dev/fuse to ordinary users");
    return;
  }
  CHECK(code == 0);
  CHECK_FALSE(is_mount_point(directory));
  CHECK(access((directory + "/file").c_str(), F_OK) != 0);
}

TEST_CASE("a private mount is seen by nobody else", "[mount][private]") {
  if (!can_mount()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory.path().string();
  check_private(path, [&] { return mount_in_private(path); });
}

TEST_CASE("an ordinary user can mount in private without help", "[mount][private]") {
  if (!can_mount() || geteuid() != 0) {
    return;
  }
  const TempDir directory;
  const std::string path = directory.path().string();
  REQUIRE(chown(path.c_str(), kNobody, kNobody) == 0);
  check_private(path, [&] { return become_nobody() ? mount_in_private(path) : 5; });
}

TEST_CASE("mounts are not made private under other threads", "[mount][private][error]") {
  if (geteuid() != 0) {
    return;
  }
  const int code = exit_code_of([] {
    if (!become_nobody()) {
      return 5;
    }
    int answer = 0;
    std::thread([&] {
      const auto done = mount::make_mounts_private();
      const bool is_told = !done && (done.error().is(std::errc::invalid_argument) ||
                                     done.error().is(std::errc::operation_not_permitted));
      answer = is_told && !done.error().detail.empty() ? 0 : 1;
    }).join();
    return answer;
  });
  CHECK(code == 0);
}

}  // namespace
}  // namespace seabag::testing
