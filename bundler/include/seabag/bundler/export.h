#pragma once

#include <cstdint>
#include <string>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// What `export_archive` wrote.
struct ExportReport {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t hard_links = 0;  ///< further names; a `.zip` repeats the file instead
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// Writes everything below the root of a file system into an archive: `.tar` (pax, where a name or
/// a time needs it), `.tar.gz` or `.tgz`, `.tar.zst`, or `.zip`, by the suffix of `output`. Modes,
/// times (to the nanosecond in a tar), symlinks and, in a tar, hard links are kept; the owner is
/// root. Entries come sorted, so the same tree gives the same bytes (a `.zip` also records local
/// time, so there it depends on TZ). `output` is replaced atomically; nothing is left behind on an
/// error.
///
/// Errors: EINVAL for another suffix; Failure special_file for a fifo, socket or device,
/// unsupported_name for a name in a `.zip` that is not UTF-8; those of the file system, with the
/// path in it, and of the output.
[[nodiscard]] Result<ExportReport> export_archive(vfs::FileSystem& source,
                                                  const std::string& output);

}  // namespace seabag::bundler
