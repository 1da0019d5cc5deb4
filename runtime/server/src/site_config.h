#pragma once

#include "config_reader.h"
#include "seabag/server/config.h"

namespace seabag::server {

/// Reads `[site]`, if there is one: what is answered, not how.
[[nodiscard]] Result<void> read_site(const ConfigReader& reader, const toml::table& root,
                                     Config& config);

}  // namespace seabag::server
