#include "state_layer.h"

#include <utility>
#include <vector>

#include "seabag/bundle/content_hash.h"
#include "seabag/inspect/describe.h"
#include "seabag/providers/sqlite_overlay.h"

namespace seabag::state {

Result<std::unique_ptr<StateLayer>> StateLayer::open(const std::string& path,
                                                     const std::shared_ptr<bundle::Bundle>& bundle,
                                                     vfs::Namespace& files) {
  auto upper = SEABAG_TRY(
      providers::open_sqlite_upper(path, {.lowers = inspect::format_root_hash(bundle->info())}));
  std::vector<std::shared_ptr<vfs::FileSystem>> lowers{bundle};
  auto overlay = vfs::make_overlay({.upper = std::move(upper.files),
                                    .lowers = std::move(lowers),
                                    .records = std::move(upper.records)});
  if (!overlay) {
    return with_path(std::move(overlay).error(), path);
  }
  std::unique_ptr<StateLayer> layer(new StateLayer(bundle, *overlay));
  vfs::Mount mount = SEABAG_TRY(files.mount("/", *overlay));
  mount.keep();
  layer->live_ = SEABAG_TRY(server::LiveAssets::create(
      files,
      {.hash = [](std::span<const std::byte> bytes) { return bundle::content_hash(bytes); }}));
  return layer;
}

Result<vfs::Asset> StateLayer::find(std::string_view path) const {
  const auto is_untouched = overlay_->is_untouched(path);
  return is_untouched && *is_untouched ? bundle_->find(path) : live_->find(path);
}

}  // namespace seabag::state
