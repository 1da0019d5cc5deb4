#pragma once

#include <memory>
#include <string>

#include "seabag/bundle/reader.h"
#include "seabag/bundler/pack.h"
#include "seabag/console/io.h"

namespace seabag::command {

/// An archive as a bundle in a temporary file below $TMPDIR, which has no name any more when this
/// returns. Shows its progress on a terminal. Errors: those of packing, and of temporary files.
[[nodiscard]] Result<std::unique_ptr<bundle::Bundle>> open_archive(const std::string& path,
                                                                   http::SecurityProfile security,
                                                                   console::Io& io);

}  // namespace seabag::command
