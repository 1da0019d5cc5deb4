#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Work on whole trees, written once over the contract. Nothing here recurses, so that depth is
/// bounded by memory only. Safe for concurrent use as far as the file systems are; not atomic.
namespace seabag::vfs {

/// Removes a node and, for a directory, all below it; symlinks are not followed. What somebody else
/// removes meanwhile is no error; what they create is ENOTEMPTY. What was removed before an error
/// stays removed.
Result<void> remove_tree(WritableFileSystem& file_system, NodeId parent, std::string_view name);

/// Whom copies belong to.
enum class CopyOwners : std::uint8_t {
  keep,    ///< the owner of the original
  assign,  ///< `CopyOptions::uid` and `gid`, for those who may not give files away
};

struct CopyOptions {
  CopyOwners owners = CopyOwners::keep;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  /// Told of each node that is complete, with 0, and of each part of a file's content, with its
  /// length in bytes.
  std::function<void(std::uint64_t bytes)> progress = {};
};

/// Copies all that is below the directory `source` of one file system into the directory
/// `destination` of another, with types, modes, owners, access and modification times, hard links
/// within the tree, holes and extended attributes as far as both sides can. `destination` itself
/// keeps its attributes. Errors: EEXIST for a name that is there already, ENOSPC, EPERM for special
/// files that the destination cannot make, and what either side says. What was copied before an
/// error stays.
Result<void> copy_tree(FileSystem& from, NodeId source, WritableFileSystem& to, NodeId destination,
                       const CopyOptions& options = {});

/// A name that a copy gets.
struct CopyName {
  NodeId parent{};
  std::string_view name;
};

/// The same for a node of any type, a directory with all that is below it, under a name of its own.
Result<void> copy_node(FileSystem& from, NodeId source, WritableFileSystem& to,
                       const CopyName& destination, const CopyOptions& options = {});

}  // namespace seabag::vfs
