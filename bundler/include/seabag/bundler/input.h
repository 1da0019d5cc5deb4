#pragma once

#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// One thing to pack and where it goes.
///
/// A directory or an archive is laid out below `prefix`. A single file goes to `prefix` itself, or
/// into it under its own name when `prefix` ends in `/`. What counts as an archive is decided by
/// its name (`is_archive_name`); to pack an archive as a file, put it into a directory.
struct Input {
  std::string path;          ///< as the user gave it; relative to the current directory
  std::string prefix = "/";  ///< absolute path in the packed tree
};

/// Reads `PATH` or `PATH:/PREFIX`; the last `:/` divides. A path that itself contains `:/` is
/// written with an explicit prefix. The prefix comes out without empty components; a trailing slash
/// stays. Errors: EINVAL for an empty path, for `.`, `..` and NUL in the prefix; ENAMETOOLONG.
[[nodiscard]] Result<Input> parse_input(std::string_view argument);

/// Checks and normalises a prefix as `parse_input` does.
[[nodiscard]] Result<std::string> normalise_prefix(std::string_view prefix);

/// Whether a file of this name is unpacked rather than packed: `.tar`, `.tar.*`, `.tgz`, `.tbz2`,
/// `.txz`, `.tzst`, `.zip`, `.7z`, `.iso`, `.cpio`, `.cpio.*`, `.xar`, `.cab`, `.rar`, `.lha`.
/// ASCII case does not matter.
[[nodiscard]] bool is_archive_name(std::string_view path);

}  // namespace seabag::bundler
