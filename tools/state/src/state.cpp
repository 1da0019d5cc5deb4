#include "seabag/state/state.h"

#include <utility>

#include "state_layer.h"

namespace seabag::state {

void enable(app::App& app) {
  app.set_state([](const std::string& path, const std::shared_ptr<bundle::Bundle>& bundle,
                   vfs::Namespace& files) -> Result<app::ChangedFiles> {
    auto layer = SEABAG_TRY(StateLayer::open(path, bundle, files));
    auto changed = layer->files();
    return app::ChangedFiles{.files = std::move(changed), .assets = std::move(layer)};
  });
}

}  // namespace seabag::state
