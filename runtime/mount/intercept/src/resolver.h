#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asker.h"
#include "mount_point.h"

namespace seabag::intercept {

using MountPoints = std::vector<std::shared_ptr<MountPoint>>;

/// Where a path leads.
struct Spot {
  enum class Kind : std::uint8_t {
    node,      ///< to something in a mount
    missing,   ///< to a free name in a directory of a mount
    ancestor,  ///< to a directory above a mount
    real,      ///< out of every mount
  };

  Kind kind = Kind::real;
  /// Absolute. For `node`, `missing` and `ancestor` without symlinks, `.`, `..` and trailing slash;
  /// for `real` with whatever the real file system has to walk.
  std::string path;
  bool has_trailing_slash = false;
  Validity validity = Validity::none;      ///< `node`: how long the path leads there
  std::shared_ptr<MountPoint> mount = {};  ///< `node` and `missing`
  vfs::Attributes attributes = {};         ///< `node`
  vfs::Attributes folder = {};             ///< `missing`, and `node` that is no root: what it is in
};

/// Walks a path over the mounts as path_resolution(7) has it. Directories above mounts are taken
/// for what they are named: symlinks among them are not followed. `missing` is told for the last
/// component only; on an overlay, what is missing before is `real`. Errors: ENOENT, ENOTDIR, ELOOP,
/// ENAMETOOLONG, EACCES for a directory that the asker may not search.
[[nodiscard]] Result<Spot> resolve(const MountPoints& mounts, std::string_view path,
                                   vfs::LastLink last_link, Asker asker);

}  // namespace seabag::intercept
