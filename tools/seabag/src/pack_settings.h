#pragma once

#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::command {

/// The `[pack]` table of `seabag.toml`, in the words of the command line.
struct PackSettings {
  std::string profile = "release";
  std::string links = "inside";
};

/// All of a configuration file. Errors: those of open(2), EFBIG for more than 1 MiB.
[[nodiscard]] Result<std::string> read_config(const std::string& path);

/// Reads and checks the `[pack]` table of a `seabag.toml`; the rest is the server's. Mistakes are
/// usage errors with `path`, line and column.
[[nodiscard]] Result<PackSettings> parse_pack_settings(std::string_view text,
                                                       const std::string& path);

}  // namespace seabag::command
