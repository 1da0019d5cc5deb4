#include "seabag/state/state.h"

#include "state_layer.h"

namespace seabag::state {

void enable(app::App& app) {
  app.set_state([](const std::string& path, const std::shared_ptr<bundle::Bundle>& bundle,
                   vfs::Namespace& files) -> Result<std::unique_ptr<const vfs::AssetSource>> {
    return std::unique_ptr<const vfs::AssetSource>(
        SEABAG_TRY(StateLayer::open(path, bundle, files)));
  });
}

}  // namespace seabag::state
