#pragma once

#include <array>
#include <cstdint>

#include "core.h"

/// The working directory of the process: the kernel's own, unless chdir(2) led into a mount.
namespace seabag::intercept::shim {

struct WorkingDirectory {
  bool is_virtual = false;
  std::uint64_t moment = 0;
  std::uint32_t length = 0;
  std::array<char, kLongestPath> path{};
};

/// False when there is none any more.
bool get_working_directory(WorkingDirectory& out);
/// In a mount, from now on.
void set_virtual_directory(const char* path, std::uint64_t moment);
/// The kernel's own, which may have changed.
void set_real_directory();
[[nodiscard]] bool has_virtual_directory();
/// The calling process is the one whose memory this is; again after fork(2).
void watch_working_directory();

}  // namespace seabag::intercept::shim
