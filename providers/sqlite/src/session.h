#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "connection.h"
#include "node_locks.h"
#include "posix_storage.h"
#include "seabag/providers/sqlite.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// How one file system uses its database: whose turn it is, where transactions begin and end, and
/// what is durable.
///
/// Changes that follow each other within the group delay share a transaction ("group commit"), each
/// in a savepoint of its own; a thread ends it when the delay is over. That is done only while no
/// other process is there, which would see the changes late: who joins waits for the write lock
/// first, and from then on every change is a transaction. It is not done either when the disk is
/// nearly full, so that the change that finds no room is the one that fails.
class Session {
 public:
  /// `log` is open.
  Session(std::unique_ptr<Connection> connection, std::unique_ptr<LogFile> log,
          std::unique_ptr<NodeLocks> locks, const SqliteOptions& options, std::string path);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  // The rest needs the lock held, but for `sync`.

  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] NodeLocks& locks() { return *locks_; }

  /// Reads between the two see one state of the database.
  [[nodiscard]] Result<void> begin_reading();
  void end_reading();

  /// A change happens wholly or not at all.
  [[nodiscard]] Result<void> begin_change();
  /// The change has happened, for everybody here; `sync` makes it durable.
  [[nodiscard]] Result<void> commit_change();
  void abort_change();

  /// Whether the database may have become another than what we saw and did ourselves, since this
  /// was last asked.
  [[nodiscard]] bool take_outside_change();

  /// Makes all changes that have been committed durable. Callers that wait at the same time share
  /// one fdatasync(2). The lock is not held. An error also when changes were lost since the last
  /// call because their transaction could not be ended.
  [[nodiscard]] Result<void> sync();

 private:
  [[nodiscard]] Result<void> open_transaction();
  /// Ends a group's transaction, if there is one.
  [[nodiscard]] Result<void> end_group();
  /// The group's changes are gone.
  void lose_group(Error reason);
  [[nodiscard]] Result<void> note_outside_changes();
  void run_timer();

  const std::string path_;
  const std::chrono::steady_clock::duration group_delay_;
  const SqliteDurability durability_;

  /// Guards everything up to the next mutex.
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<LogFile> log_;
  std::unique_ptr<NodeLocks> locks_;
  bool is_reading_ = false;
  bool is_grouped_ = false;
  std::uint64_t steps_ = 0;  ///< of the group
  std::chrono::steady_clock::time_point deadline_;
  std::int64_t data_version_ = -1;
  bool is_changed_outside_ = false;
  std::optional<Error> lost_;

  /// Transactions that have ended, and how many of them are known to be on the disk.
  std::atomic<std::uint64_t> committed_{0};
  std::mutex sync_mutex_;  ///< guards `synced_`; taken without holding `mutex_`
  std::uint64_t synced_ = 0;

  std::condition_variable timer_wakes_;  ///< with `mutex_`
  bool is_stopping_ = false;             ///< guarded by `mutex_`
  std::thread timer_;                    ///< last: it uses all of the above
};

}  // namespace seabag::providers
