#include "kernel_mount.h"

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

mount::KernelMount MountedDirectory::value_of(Result<mount::KernelMount> mounted) {
  if (!mounted) {
    FAIL(mounted.error().message());
  }
  return std::move(*mounted);
}

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
