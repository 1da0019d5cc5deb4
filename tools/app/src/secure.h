#pragma once

#include <memory>

#include "seabag/server/config.h"
#include "seabag/tls/context.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

namespace seabag::app {

/// The certificates of the settings, ready for use; null without TLS. `bundled` holds what
/// `bundle:/...` names, and outlives the context; null: there is no bundle. A key in a bundle must
/// be below a name that starts with a dot, since everything else is served. Errors: EINVAL for a
/// `bundle:` name that can't be, and those of tls::Context::load.
[[nodiscard]] Result<std::unique_ptr<tls::Context>> open_tls(const server::TlsConfig& settings,
                                                             const vfs::Namespace* bundled);

/// The text of a file that must not be served, named as in the settings. Errors: as open(2) and
/// read(2); EINVAL for one inside the bundle that everybody could fetch.
[[nodiscard]] Result<std::string> read_secret(const std::string& path,
                                              const vfs::Namespace* bundled);

}  // namespace seabag::app
