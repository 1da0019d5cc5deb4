#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "seabag/vfs/file_system.h"

namespace seabag::inspect {

/// What happens to a file that is already there.
enum class Existing : std::uint8_t {
  refuse,   ///< EEXIST, and the file stays as it is
  replace,  ///< it goes; a directory that holds something never does
};

struct ExtractOptions {
  /// Whether a path (absolute, in the source) is wanted. A directory that is wanted comes with
  /// everything below it. Empty: everything is.
  std::function<bool(std::string_view path)> is_wanted = {};
  Existing existing = Existing::refuse;
};

/// What was written.
struct ExtractReport {
  std::uint64_t files = 0;  ///< hard links counted
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t bytes = 0;
};

/// Copies a tree into the real directory `directory`, which is made when it is missing, with its
/// modes, times, symlinks, hard links and holes. Directories that are there already are used and
/// keep their attributes. Nothing is ever written outside of `directory`, whatever symlinks are in
/// it or in the source. Errors carry the path in the source: EEXIST, ENOSPC, EACCES, ... What was
/// written before an error stays.
[[nodiscard]] Result<ExtractReport> extract(vfs::FileSystem& from, const std::string& directory,
                                            const ExtractOptions& options);

}  // namespace seabag::inspect
