#pragma once

#include <sys/stat.h>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Between the vocabulary of vfs and that of the kernel.
namespace seabag::mount {

/// S_IFMT bits of a type.
[[nodiscard]] mode_t file_type_bits(vfs::FileType type);

/// The type in a mode; a regular file where there are no S_IFMT bits, as mknod(2) has it. EINVAL
/// for unknown bits.
[[nodiscard]] Result<vfs::FileType> file_type_of(mode_t mode);

[[nodiscard]] struct stat to_stat(const vfs::Attributes& attributes);

/// The errno of an error; EIO for what the kernel has no number for.
[[nodiscard]] int errno_of(const Error& error);

}  // namespace seabag::mount
