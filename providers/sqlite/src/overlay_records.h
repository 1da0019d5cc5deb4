#pragma once

#include <memory>
#include <span>
#include <vector>

#include "file_system.h"
#include "seabag/vfs/overlay_records.h"

namespace seabag::providers {

/// What an overlay remembers beside its upper, in the upper's own database.
class SqliteOverlayRecords final : public vfs::OverlayRecords {
 public:
  /// Makes the table that only overlays need, and drops what means other nodes by now or none.
  [[nodiscard]] static Result<std::shared_ptr<SqliteOverlayRecords>> open(
      std::shared_ptr<SqliteFileSystem> files, const std::string& lowers);

  [[nodiscard]] Result<std::vector<vfs::OverlayChange>> load() override;
  [[nodiscard]] Result<void> write(std::span<const vfs::OverlayChange> changes) override;

 private:
  SqliteOverlayRecords(std::shared_ptr<SqliteFileSystem> files, bool has_parents)
      : files_(std::move(files)), has_parents_(has_parents) {}

  // Inside a turn that changes.
  [[nodiscard]] Result<void> write_one(const vfs::OverlayChange& change);
  [[nodiscard]] Result<void> hide(const std::string& path);
  [[nodiscard]] Result<void> mark(const vfs::OverlayChange& change);

  std::shared_ptr<SqliteFileSystem> files_;
  bool has_parents_;  ///< whether whiteouts name their directory too
};

}  // namespace seabag::providers
