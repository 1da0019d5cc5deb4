#pragma once

#include <cstddef>
#include <string_view>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Paths and names are bytes, not text: no encoding is assumed, `\` is an ordinary byte, and `a/..`
/// is never collapsed lexically (path_resolution(7)).
namespace seabag::vfs {

/// Whether `name` can name a directory entry: 1 .. kMaxNameLength bytes, neither `.` nor `..`,
/// without `/` and NUL.
[[nodiscard]] bool is_valid_name(std::string_view name);

/// The same as an answer for providers, who call it first in everything that takes a name.
/// ENAMETOOLONG when longer than kMaxNameLength, EINVAL for every other bad name. `operation` is
/// the caller's, a string literal.
[[nodiscard]] Result<void> check_name(std::string_view name, const char* operation);

/// Whether a whole path can be walked at all: ENOENT when empty, ENAMETOOLONG from kMaxPathLength
/// bytes on (which counts a final NUL), EINVAL for a NUL inside. The length of single components is
/// left to the walk, which meets them one by one: `missing/<256 bytes>` is ENOENT, as on Linux. The
/// error carries `path`.
[[nodiscard]] Result<void> check_path(std::string_view path, const char* operation);

/// Whether a symlink may have this target: 1 .. kMaxPathLength - 1 bytes without NUL. ENOENT when
/// empty, ENAMETOOLONG when too long, EINVAL for a NUL (symlink(2)).
[[nodiscard]] Result<void> check_link_target(std::string_view target, const char* operation);

/// Walks the components of a path from left to right. Runs of `/` count as one; `.` and `..` come
/// out like any other component, because only a walk over real directories knows what they mean.
/// One thread at a time.
class PathComponents {
 public:
  /// `path` must outlive this object and what `next` returned.
  explicit PathComponents(std::string_view path);

  /// The next component, or an empty view at the end.
  [[nodiscard]] std::string_view next();

  /// Whether nothing but slashes follows.
  [[nodiscard]] bool is_at_end() const { return position_ == path_.size(); }

  /// Whether the path ends in `/`: its last component must then be a directory. True for `/`.
  [[nodiscard]] bool has_trailing_slash() const { return path_.ends_with('/'); }

  /// Whether the path starts with `/`.
  [[nodiscard]] bool is_absolute() const { return path_.starts_with('/'); }

  /// What has not been handed out yet, without leading slashes.
  [[nodiscard]] std::string_view rest() const { return path_.substr(position_); }

 private:
  void skip_slashes();

  std::string_view path_;  ///< owned by the caller
  std::size_t position_ = 0;
};

}  // namespace seabag::vfs
