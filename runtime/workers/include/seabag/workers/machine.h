#pragma once

#include <cstdint>
#include <string>

namespace seabag::workers {

/// What this process may use of its machine.
struct MachineShare {
  /// Processors, in hundredths: 150 is one and a half. At least 1.
  std::uint64_t processor_percent = 100;
  /// Bytes of memory; 0: no limit but the machine's.
  std::uint64_t memory = 0;
};

/// The least of the processors that this process may run on (sched_getaffinity(2)) and, in its
/// cgroup and all above it, `cpu.max` and `memory.max` of cgroup v2. What cannot be read (no /proc,
/// no /sys, cgroup v1) limits nothing. `root` stands before /proc and /sys, for tests.
[[nodiscard]] MachineShare machine_share(const std::string& root = {});

/// How many workers make use of a share: one for each processor or part of one, but not so many
/// that one would have less than 16 MiB of memory; from 1 to `most`.
[[nodiscard]] unsigned workers_for(const MachineShare& share, unsigned most);

}  // namespace seabag::workers
