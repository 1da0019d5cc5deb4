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
///   auto upper = SEABAG_TRY(providers::open_sqlite_upper("changes.db"));
///   auto files = SEABAG_TRY(vfs::make_overlay(
///       {.upper = upper.files, .lowers = {app}, .records = upper.records}));
struct SqliteUpper {
  std::shared_ptr<vfs::WritableFileSystem> files;
  std::shared_ptr<vfs::OverlayRecords> records;  ///< keeps `files` alive
};

/// Opens the database at `path` as the upper of an overlay. Whiteouts and origins are in AgentFS's
/// `fs_whiteout` and `fs_origin`, so its overlays over the same lower are read and written; what it
/// does not know, opaque and renamed directories, is in `seabag_overlay`.
///
/// One overlay at a time, always over the same lowers. Errors as `open_sqlite_file_system`.
[[nodiscard]] Result<SqliteUpper> open_sqlite_upper(const std::string& path,
                                                    SqliteOptions options = {});

}  // namespace seabag::providers
