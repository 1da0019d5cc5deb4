// What a watch of a real directory does at the limits of inotify, and what it leaves behind.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "directory_support.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/watch.h"
#include "support/catch.h"

namespace seabag::testing {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t count_in(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), {});
}

/// How many events the kernel keeps for a reader.
unsigned long most_queued_events() {
  unsigned long count = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> count;
  return count;
}

bool write_setting(const char* path, std::string_view value) {
  const int setting = open(path, O_WRONLY | O_CLOEXEC);
  const bool is_written = setting >= 0 && write(setting, value.data(), value.size()) > 0;
  close(setting);
  return is_written;
}

TEST_CASE("a watch of a directory tells that events were lost", "[directory][watch]") {
  constexpr unsigned long kTooMany = 200'000;
  const unsigned long most = most_queued_events();
  if (most == 0 || most > kTooMany) {
    WARN("skipped: the kernel's queue of events is unknown or too long");
    return;
  }
  const Sandbox sandbox;
  const auto directory = sandbox.open();
  vfs::Namespace files;
  const auto mount = files.mount("/", directory).value();
  auto watch = vfs::watch(files, "/d").value();
  std::promise<void> reached;
  std::promise<void> released;
  bool is_first = true;
  {
    // Holds up the one who reads the kernel's queue until that has run over.
    auto observation = directory->capabilities().changes->observe([&](const vfs::Change&) {
      if (std::exchange(is_first, false)) {
        reached.set_value();
        released.get_future().wait();
      }
    });
    std::ofstream(sandbox.root() / "d" / "first");
    reached.get_future().wait();
    for (unsigned long each = 0; each < most + 100; ++each) {
      const fs::path name = sandbox.root() / "d" / "name";
      each % 2 == 0 ? write_host_file(name, "") : static_cast<void>(fs::remove(name));
    }
    released.set_value();
  }
  // What happens afterwards is told again; or lost too, because a queue is still full, and then
  // that is told.
  int overflows = 0;
  for (auto event = watch.next(); event && event->path != "/d/last"; event = watch.next()) {
    if (event->kind == vfs::WatchEventKind::overflow) {
      ++overflows;
      write_host_file(sandbox.root() / "d" / "last", "text");
    }
  }
  CHECK(overflows > 0);
}

/// What a child answers that cannot set its own limits.
constexpr int kSkipped = 255;

int watch_with_few_watches(vfs::Namespace& files) {
  if (unshare(CLONE_NEWUSER) != 0 || !write_setting("/proc/sys/user/max_inotify_watches", "1")) {
    return kSkipped;
  }
  const auto watch = vfs::watch(files, "/d", {.depth = vfs::WatchDepth::tree});
  const bool is_explained =
      !watch && watch.error().message().find("fs.inotify.max_user_watches") != std::string::npos;
  return is_explained ? watch.error().code.value() : 0;
}

TEST_CASE("a watch says which limit it has met", "[directory][watch]") {
  const Sandbox sandbox;
  vfs::Namespace files;
  const auto mount = files.mount("/", sandbox.open()).value();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    _exit(watch_with_few_watches(files));
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kSkipped) {
    WARN("skipped: no limits of one's own here");
    return;
  }
  CHECK(WEXITSTATUS(status) == ENOSPC);
}

TEST_CASE("watches leave no thread and no descriptor behind", "[directory][watch]") {
  const Sandbox sandbox;
  const auto descriptors = count_in("/proc/self/fd");
  const auto threads = count_in("/proc/self/task");
  for (int round = 0; round < 50; ++round) {
    vfs::Namespace files;
    const auto mount = files.mount("/", sandbox.open()).value();
    auto watch = vfs::watch(files, "/", {.depth = vfs::WatchDepth::tree}).value();
    write_host_file(sandbox.root() / "d" / "file", std::to_string(round));
    REQUIRE(watch.next());
  }
  CHECK(count_in("/proc/self/fd") == descriptors);
  // A thread that was joined may still be on its way out of /proc.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (count_in("/proc/self/task") > threads && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  CHECK(count_in("/proc/self/task") <= threads);
}

}  // namespace
}  // namespace seabag::testing
