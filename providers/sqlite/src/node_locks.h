#pragma once

#include <cstdint>
#include <unordered_set>

#include "seabag/vfs/result.h"

namespace seabag::providers {

/// What the processes that share a database tell each other without writing to it: who is there,
/// and which nodes they have open. Open file description locks (fcntl(2)) on bytes of the
/// write-ahead log: byte n for node n, byte 0 for being there and one far behind for being the
/// overlay. The kernel drops them when a process dies, so that what it had open is an orphan at
/// once. One thread at a time.
class NodeLocks {
 public:
  /// Locks through this descriptor, which must outlive the locks.
  explicit NodeLocks(int descriptor) : descriptor_(descriptor) {}

  /// Says that we are there, until the descriptor is closed.
  [[nodiscard]] Result<void> join();
  /// Makes us the one overlay of the database, until the descriptor is closed. Waits some seconds
  /// for one that is about to end; EBUSY when somebody else stays it, here or in another process.
  [[nodiscard]] Result<void> claim_overlay();
  /// Whether nobody else is there.
  [[nodiscard]] bool is_alone() const;

  /// Keeps a node from being deleted by others. Waits for one who is deleting it; ESTALE when that
  /// is ourselves, EBUSY when it takes too long.
  [[nodiscard]] Result<void> hold(std::int64_t node);
  void release(std::int64_t node);
  /// Whether somebody else holds it.
  [[nodiscard]] bool is_held(std::int64_t node) const;

  /// Takes a node that we do not hold for deleting it, until `give_back`: nobody gets hold of it
  /// meanwhile. False when somebody else has it.
  [[nodiscard]] bool take(std::int64_t node);
  /// When the transaction has ended that deletes what was taken.
  void give_back();

 private:
  [[nodiscard]] bool lock(std::int64_t byte, int kind) const;

  const int descriptor_;
  std::unordered_set<std::int64_t> taken_;
};

}  // namespace seabag::providers
