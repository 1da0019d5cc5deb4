#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace seabag::testing {

struct KillRounds {
  std::uint64_t kills = 0;
  std::uint64_t seed = 1;
  std::string directory = {};  ///< where databases are made
};

struct KillReport {
  std::uint64_t kills = 0;
  std::uint64_t steps = 0;         ///< of the load, over all rounds
  std::uint64_t synced_steps = 0;  ///< of those, before the last sync of their round
  std::uint64_t orphans = 0;       ///< that the kills left and opening purged
  std::optional<std::string> failure = {};
};

/// Starts a process that changes a SQLite file system, kills it with SIGKILL at a random moment,
/// and looks at what is left, again and again: the database opens, is intact, holds what was
/// synced and the start of what came after, and nothing else. Stops at the first failure.
/// The process must have one thread.
[[nodiscard]] KillReport run_kill_rounds(const KillRounds& rounds);

}  // namespace seabag::testing
