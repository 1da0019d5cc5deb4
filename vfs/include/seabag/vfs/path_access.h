#pragma once

#include <memory>
#include <string_view>

#include "seabag/vfs/file.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// The short way of a file system that can find a whole path at once, as a real directory can: one
/// call in the place of a lookup for every component. It never decides what is out of the ordinary:
/// whatever is not plainly there is "nothing", and the caller then walks name by name, which tells
/// the result and the error.
///
/// A path here is one or more names (as FileSystem takes them) with one `/` between two, relative
/// to the root directory, shorter than kMaxPathLength. What is found is what a walk of lookups
/// would have found at some moment of the call, with the same node. Safe for concurrent use.
class PathAccess {
 public:
  virtual ~PathAccess() = default;

  /// `FileSystem::open` of a regular file that no symlink is on the way to. Null for anything else.
  [[nodiscard]] virtual std::unique_ptr<File> open_path(std::string_view path) = 0;

  /// `FileSystem::attributes` of what is no symlink and has none on the way. Otherwise an error
  /// that says no more than that.
  [[nodiscard]] virtual Result<Attributes> path_attributes(std::string_view path) = 0;
};

}  // namespace seabag::vfs
