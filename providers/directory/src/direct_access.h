#pragma once

#include <memory>
#include <string_view>

#include "seabag/vfs/path_access.h"
#include "tree.h"

namespace seabag::providers {

/// Whole paths below the root in a few system calls, where openat2 works: each is confined by the
/// kernel as a walk of ours is, and what was opened is told only if the table knows that object
/// under that path. Safe for concurrent use.
class DirectAccess final : public vfs::PathAccess {
 public:
  /// `tree` must outlive this.
  explicit DirectAccess(Tree& tree) : tree_(tree) {}

  [[nodiscard]] std::unique_ptr<vfs::File> open_path(std::string_view path) override;
  [[nodiscard]] Result<vfs::Attributes> path_attributes(std::string_view path) override;

 private:
  [[nodiscard]] Result<Status> look(const char* path, std::string_view names) const;

  Tree& tree_;
};

}  // namespace seabag::providers
