#pragma once

#include <string>
#include <vector>

#include "seabag/console/io.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::app {

struct ServeOptions {
  std::vector<std::string> listen;  ///< as net::Address::parse reads them; none: the default
};

/// Listens, says where, and serves until SIGINT or SIGTERM.
[[nodiscard]] Result<void> serve(const vfs::AssetSource& assets, const ServeOptions& options,
                                 console::Io& io);

}  // namespace seabag::app
