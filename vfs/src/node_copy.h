#pragma once

#include <string_view>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

/// What copying one node between file systems is made of; for `copy_tree`, copy-up and commit.
namespace seabag::vfs {

/// Copies all data of a file into an empty one, holes left out, and gives it the same size. ENOSPC
/// when not all found room.
[[nodiscard]] Result<void> copy_content(const File& from, WritableFile& to);

/// Copies the extended attributes of a file or directory as far as both file systems have them;
/// nothing for nodes of other types.
[[nodiscard]] Result<void> copy_xattrs(FileSystem& from, const Attributes& source,
                                       WritableFileSystem& to, NodeId made);

/// Mode (not of a symlink), owner and times of a node, to be given to its copy as the last step.
[[nodiscard]] AttributeChanges changes_to(const Attributes& source);

/// Makes a node of the same type, mode, owner, target and device, still without content, times and
/// extended attributes.
[[nodiscard]] Result<Attributes> create_like(FileSystem& from, const Attributes& source,
                                             WritableFileSystem& to, NodeId parent,
                                             std::string_view name);

}  // namespace seabag::vfs
