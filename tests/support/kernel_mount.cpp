#include "support/kernel_mount.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>

#include "seabag/providers/memory.h"
#include "support/catch.h"

namespace seabag::testing {

bool can_mount() {
  const TempDir directory;
  const auto mounted =
      mount::KernelMount::mount(directory.path().string(), providers::make_memory_file_system());
  if (!mounted) {
    WARN("skipped, because this machine lets nobody mount: " << mounted.error().message());
  }
  return mounted.has_value();
}

std::unique_ptr<vfs::WritableFileSystem> make_own_memory() {
  return providers::make_memory_file_system({.root_uid = geteuid(), .root_gid = getegid()});
}

mount::KernelMount MountedDirectory::value_of(Result<mount::KernelMount> mounted) {
  if (!mounted) {
    FAIL(mounted.error().message());
  }
  return std::move(*mounted);
}

namespace {

// Opened before the first look, so that no change in between is missed.
void wait_until(const std::string& directory, bool is_mounted) {
  const int table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  REQUIRE(table >= 0);
  while (is_mount_point(directory) != is_mounted) {
    pollfd changed{.fd = table, .events = POLLPRI, .revents = 0};
    poll(&changed, 1, -1);
  }
  close(table);
}

}  // namespace

void wait_until_mounted(const std::string& directory) { wait_until(directory, true); }

void wait_until_unmounted(const std::string& directory) { wait_until(directory, false); }

bool is_mount_point(const std::string& directory) {
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    if (line.find(" " + directory + " ") != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace seabag::testing
