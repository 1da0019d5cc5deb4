#pragma once

#include <memory>
#include <string>

#include "seabag/providers/sqlite.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/overlay_records.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// What an overlay that survives needs: both halves are in one database, share its transactions
/// and so keep their order through a crash.
///
///   auto upper = SEABAG_TRY(providers::open_sqlite_upper("changes.db", {.lowers = hash_of_app}));
///   auto files = SEABAG_TRY(vfs::make_overlay(
///       {.upper = upper.files, .lowers = {app}, .records = upper.records}));
struct SqliteUpper {
  std::shared_ptr<vfs::WritableFileSystem> files;
  std::shared_ptr<vfs::OverlayRecords> records;  ///< keeps `files` alive
};

struct SqliteUpperOptions {
  /// What tells that every node number of the lowers means what it meant the last time: the hash of
  /// a bundle, of several in their order. Empty: nobody can tell.
  std::string lowers = {};
  SqliteOptions files = {};
};

/// Opens the database at `path` as the upper of an overlay. Whiteouts and origins are in AgentFS's
/// `fs_whiteout` and `fs_origin`, so its whiteouts are read and ours are there for it; what it does
/// not know, opaque and renamed directories, is in `seabag_overlay`.
///
/// *Other lowers than the last time*, as after an update of an app: what was changed, made, removed
/// or renamed stays so, at its path; everything else is as the new lowers have it, and a directory
/// that the upper has too is merged with theirs. Origins go by node numbers, which are others then,
/// so they are dropped when `lowers` is not what it was, and whenever it is empty: copies that were
/// made before get an `st_ino` of their own, once.
///
/// One overlay at a time has a database: EBUSY after some seconds in which another has it, in this
/// process or another.
/// Other errors as `open_sqlite_file_system`.
[[nodiscard]] Result<SqliteUpper> open_sqlite_upper(const std::string& path,
                                                    SqliteUpperOptions options = {});

}  // namespace seabag::providers
