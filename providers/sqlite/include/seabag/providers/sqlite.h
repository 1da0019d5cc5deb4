#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "seabag/vfs/clock.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"
#include "seabag/vfs/rules.h"

/// Files that live in one SQLite database and survive: hard links, orphans, holes, special files,
/// extended attributes, unnamed files.
///
///   auto files = SEABAG_TRY(providers::open_sqlite_file_system("state.db"));
///
/// The database follows AgentFS SPEC 0.4 (`fs_config`, `fs_inode`, `fs_dentry`, `fs_data`,
/// `fs_symlink`, `fs_whiteout`, `fs_origin`), so either opens what the other made. What goes beyond
/// it is in tables of our own (`seabag_xattr`; `seabag_orphan` and `seabag_padded`, which say what
/// to clean up after a crash; `seabag_overlay`, for the upper of an overlay) and in two indexes.
namespace seabag::providers {

enum class SqliteOpenMode : std::uint8_t {
  open_or_create,  ///< a missing or empty file becomes an empty file system
  open_existing,   ///< ENOENT when there is no such file
  create_new,      ///< EEXIST when there is one
};

/// When a change survives a crash of the machine, or of the process.
enum class SqliteDurability : std::uint8_t {
  on_sync,       ///< after `File::sync` or `FileSystem::sync` (synchronous=NORMAL)
  every_change,  ///< when the call returns (synchronous=FULL)
};

struct SqliteOptions {
  SqliteOpenMode mode = SqliteOpenMode::open_or_create;
  SqliteDurability durability = SqliteDurability::on_sync;
  /// Changes that follow each other within this time share a transaction, which makes them several
  /// times faster; a crash of the process alone loses at most this much of what was not synced. 0:
  /// every change is a transaction, and only a crash of the machine can lose any. Without effect
  /// with `every_change`, and as long as another process has the database open.
  std::chrono::milliseconds group_delay{5};
  /// Bytes of a file that one row holds, for a new database: 512 .. 1 MiB. An existing one keeps
  /// its own.
  std::uint32_t chunk_size = 65536;
  vfs::AccessTimes access_times = vfs::AccessTimes::relative;
  /// The root directory's own, for a new database.
  std::uint32_t root_mode = 0755;
  std::uint32_t root_uid = 0;
  std::uint32_t root_gid = 0;
  /// Where every time comes from; absent: `vfs::system_now`.
  vfs::Clock clock = {};
};

/// Opens the file system in the database at `path`.
///
/// Several processes, and several file systems of one process, may have the same database open:
/// what one has changed the others see when the call has returned. EBUSY for a call that has waited
/// ten seconds for another process. A file that is unlinked while any of them has it open is an
/// orphan until the last of them closes it; after a crash it is purged here.
///
/// Databases of AgentFS 0.1 to 0.3 and of older Seabags are brought to the present schema here.
/// Errors: ENOENT, EEXIST, EISDIR, EACCES, EROFS, ENOSPC, EBUSY, EIO for a damaged database;
/// EINVAL for a file that is no database, or one of something else; ENOTSUP for an encrypted one,
/// for another encoding than UTF-8, and for a newer schema. A file that is refused is not touched.
///
/// Safe for concurrent use: one connection behind one lock, so calls take turns; callers that wait
/// for `sync` at the same time share one fdatasync(2). `sync` also tells, once, when changes were
/// lost because the transaction that they shared could not be ended. Node numbers mean the same
/// after reopening. `Attributes::created` is the earlier of modified and changed: the schema has no
/// birth times. `allocate` with `keep_size` behind the end is EOPNOTSUPP, and `zero_range` reserves
/// nothing. Must outlive the files opened on it.
[[nodiscard]] Result<std::unique_ptr<vfs::WritableFileSystem>> open_sqlite_file_system(
    const std::string& path, SqliteOptions options = {});

}  // namespace seabag::providers
