#pragma once

#include <string>
#include <string_view>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// A current directory, for code that works with relative paths: `files.stat(here / "a.txt")`. As
/// many as wanted can stand on one namespace. It is a path, not a node: when its directory is moved
/// away, what then has the path is used. The namespace must outlive it. Copyable; one thread at a
/// time.
class WorkingDirectory {
 public:
  /// At `/`.
  explicit WorkingDirectory(const Namespace& files) : files_(&files) {}

  /// chdir(2), also relative to where it is; symlinks are followed now. ENOENT, ENOTDIR, ELOOP,
  /// ENAMETOOLONG; it then stays where it was.
  Result<void> change(std::string_view path);

  /// getcwd(3): absolute, without symlinks, `.` and `..`.
  [[nodiscard]] const std::string& path() const { return path_; }

  /// The path to give to a Namespace: `path` itself when absolute, else below `path()`; `..` is
  /// left to the walk. An empty path stays empty, and so ENOENT.
  [[nodiscard]] std::string operator/(std::string_view path) const;

 private:
  const Namespace* files_;  ///< owned by the caller
  std::string path_ = "/";
};

}  // namespace seabag::vfs
