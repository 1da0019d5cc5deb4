#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/namespace.h"

namespace seabag::inspect {

/// A file system together with the walk over its paths: what the inspecting commands work on. Safe
/// for concurrent use.
class Contents {
 public:
  /// `files` must outlive this object. Errors: those of Namespace::mount.
  [[nodiscard]] static Result<std::unique_ptr<Contents>> open(vfs::FileSystem& files);

  struct Found {
    std::string path;  ///< absolute, without symlinks, `.`, `..` and trailing slash
    vfs::Attributes attributes;
  };

  /// What is at `path`, which starts at the root with or without a slash. A symlink as the last
  /// component is found itself. Errors: ENOENT, ENOTDIR, ELOOP, with the path as given.
  [[nodiscard]] Result<Found> find(std::string_view path) const;

  [[nodiscard]] vfs::FileSystem& files() const { return files_; }
  [[nodiscard]] const vfs::Namespace& names() const { return names_; }

 private:
  explicit Contents(vfs::FileSystem& files) : files_(files) {}

  vfs::FileSystem& files_;
  vfs::Namespace names_;
};

}  // namespace seabag::inspect
