#pragma once

#include <cstdint>
#include <string>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

/// SQLite archives, as `sqlite3 -A` makes and reads them: one table `sqlar` with a row for each
/// path, contents deflated where that makes them smaller.
namespace seabag::providers {

struct SqlarReport {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t bytes = 0;  ///< of contents, before compression
};

/// Writes everything that a file system holds into a new archive at `path`; directories, regular
/// files and symlinks with their modes and times in seconds. The format knows no owners, no
/// extended attributes and no links: a file with two names is in there twice. On an error no
/// archive stays.
///
/// Errors: EEXIST when there is something at `path`, ENOTSUP for a fifo, socket or device, EFBIG
/// for a file over 1 GB, those of reading and of SQLite.
[[nodiscard]] Result<SqlarReport> export_sqlar(vfs::FileSystem& from, const std::string& path);

/// Makes what an archive holds. Directories that are there already stay; EEXIST for anything else
/// that is. Paths are relative to the root whatever they begin with.
///
/// Errors: ENOENT, EINVAL for a file that is no archive or a path with `..` or an empty component
/// in it, EIO for contents that do not decompress to what was promised, those of writing. What was
/// made until then stays.
[[nodiscard]] Result<SqlarReport> import_sqlar(const std::string& path,
                                               vfs::WritableFileSystem& into);

}  // namespace seabag::providers
