#pragma once

#include <cstdint>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::intercept {

/// Who makes a request: others than these two are not answered.
enum class Asker : std::uint8_t {
  this_user,  ///< whoever this process is at that moment
  root,
};

/// What somebody wants of a node, as in its permission bits.
inline constexpr std::uint32_t kRead = 4;
inline constexpr std::uint32_t kWrite = 2;
inline constexpr std::uint32_t kSearch = 1;  ///< of a file: to execute it

/// EACCES when the permission bits of a node refuse what is wanted. Root may do everything. What
/// belongs to root in a mount is an ordinary user's own: trees are made without thinking of owners.
[[nodiscard]] Result<void> check_permission(Asker asker, const vfs::Attributes& node,
                                            std::uint32_t wanted);

/// EPERM for what is somebody else's.
[[nodiscard]] Result<void> check_owner(Asker asker, const vfs::Attributes& node);

/// Whether a name in a directory may be made, or taken away from `node`: EACCES, and EPERM for what
/// somebody else has in a sticky directory.
[[nodiscard]] Result<void> check_new_name(Asker asker, const vfs::Attributes& directory);
[[nodiscard]] Result<void> check_removal(Asker asker, const vfs::Attributes& directory,
                                         const vfs::Attributes& node);

}  // namespace seabag::intercept
