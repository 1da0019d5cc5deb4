#pragma once

#include <memory>
#include <string_view>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

/// One directory of a file system as a file system of its own: what is above and beside it has no
/// name there, `..` ends at it, and links are resolved inside.
///
/// `path` is walked once, as in a Namespace that has only the inner file system; the result stays
/// on that directory also when it is renamed, and everything is ESTALE when it is removed. Errors:
/// ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, with `path`; EINVAL for no file system. Node numbers,
/// capabilities and statistics are the inner file system's, only the directory itself becomes
/// kRootNode; a caller who guesses node numbers can reach beside it, so this is not a security
/// boundary. Keeps the inner file system alive. Safe for concurrent use.
namespace seabag::vfs {

/// For reading.
[[nodiscard]] Result<std::shared_ptr<FileSystem>> make_prefix(std::shared_ptr<FileSystem> inner,
                                                              std::string_view path);

/// For reading and writing.
[[nodiscard]] Result<std::shared_ptr<WritableFileSystem>> make_writable_prefix(
    std::shared_ptr<WritableFileSystem> inner, std::string_view path);

}  // namespace seabag::vfs
