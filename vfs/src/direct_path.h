#pragma once

#include <optional>
#include <string_view>

#include "mount_table.h"
#include "seabag/vfs/path_access.h"

namespace seabag::vfs {

/// A path, or all of it behind a mount point, that needs no walk to be understood.
struct DirectPath {
  const MountState* mount;  ///< owned by the tree of mount points
  /// As PathAccess takes it, or empty for the root of `mount`; owned by the caller's path.
  std::string_view path;
};

/// Nothing when the path takes a walk: it ends in no mount, or on the way to a mount point, or it
/// has `.`, `..`, an empty component, a trailing slash behind names or anything that a walk
/// refuses.
[[nodiscard]] std::optional<DirectPath> find_direct_path(const MountNode& mounts,
                                                         std::string_view path);

}  // namespace seabag::vfs
