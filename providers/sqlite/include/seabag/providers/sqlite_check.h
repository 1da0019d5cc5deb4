#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seabag/vfs/result.h"

/// fsck for the databases of `open_sqlite_file_system`: whatever made them, and whatever happened
/// to them.
namespace seabag::providers {

enum class SqliteCheckMode : std::uint8_t {
  look,    ///< changes nothing; others may go on using the database
  repair,  ///< nobody else may have the file system open
};

struct SqliteDefect {
  const char* kind = "";    ///< a few words: "an entry that leads nowhere"
  std::string detail = {};  ///< where: "'name' in directory 7"
  bool is_repaired = false;
};

struct SqliteCheckReport {
  std::uint64_t nodes = 0;
  std::uint64_t entries = 0;
  std::uint64_t content_bytes = 0;  ///< stored, holes not counted
  /// At most 100 of a kind.
  std::vector<SqliteDefect> defects = {};
};

/// Checks pages and indexes (`PRAGMA integrity_check`), names, types, sizes and targets, that every
/// entry leads somewhere and every node is reached, link counts, chunks behind the end of a file,
/// and what a crash left (orphans). What another process that lives has open is no defect.
///
/// Repairs happen all or not at all. Nodes that nothing leads to are put into `/lost+found` as
/// `#NUMBER`; rows that belong to nothing are deleted; nothing else is thrown away.
///
/// Errors: those of `open_sqlite_file_system` for a file that is no such database; EBUSY for a
/// repair while somebody else has it open; EIO when pages are damaged beyond what rebuilding the
/// indexes can mend. Blocks the calling thread.
[[nodiscard]] Result<SqliteCheckReport> check_sqlite_file_system(const std::string& path,
                                                                 SqliteCheckMode mode);

}  // namespace seabag::providers
