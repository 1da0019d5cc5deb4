#pragma once

#include <cstdint>
#include <memory>

#include "seabag/vfs/file_system.h"

namespace seabag::vfs {

/// A file system in which everything belongs to one user: for files whose owners mean nobody here,
/// as those of a package do, and for who may not give files away. All else is as in `inner`, which
/// must not be null and is kept alive. As safe for concurrent use as it is.
[[nodiscard]] std::shared_ptr<FileSystem> make_owned(std::shared_ptr<FileSystem> inner,
                                                     std::uint32_t uid, std::uint32_t gid);

}  // namespace seabag::vfs
