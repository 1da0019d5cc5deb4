#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "seabag/bundle/reader.h"
#include "seabag/server/live_assets.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/overlay.h"

namespace seabag::state {

/// What `--state FILE` adds: an overlay of a SQLite file over the bundle, in the place of the
/// bundle. The server gets what was never changed straight from the bundle. Safe for concurrent
/// use.
class StateLayer final : public vfs::AssetSource {
 public:
  /// Opens or makes the database at `path` and mounts the overlay at the root of `files`, which
  /// must outlive this. Told later: a line about a `_headers` file with a fault. Errors: those of
  /// opening the database, with `path`.
  [[nodiscard]] static Result<std::unique_ptr<StateLayer>> open(
      const std::string& path, const std::shared_ptr<bundle::Bundle>& bundle,
      vfs::Namespace& files);

  [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override;

  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> files() const { return overlay_; }

 private:
  StateLayer(std::shared_ptr<bundle::Bundle> bundle, std::shared_ptr<vfs::Overlay> overlay)
      : bundle_(std::move(bundle)), overlay_(std::move(overlay)) {}

  std::shared_ptr<bundle::Bundle> bundle_;
  std::shared_ptr<vfs::Overlay> overlay_;
  std::unique_ptr<server::LiveAssets> live_;
};

}  // namespace seabag::state
