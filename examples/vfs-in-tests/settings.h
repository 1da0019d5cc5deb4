#pragma once

#include <map>
#include <string>
#include <string_view>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

/// A program's settings, as many programs keep them: `key = value` lines, `#` comments, a main file
/// and a directory of files that add to it.
using Settings = std::map<std::string, std::string, std::less<>>;

/// Reads `DIRECTORY/app.conf` and then every `DIRECTORY/conf.d/*.conf` in order of name; a later
/// value replaces an earlier one. A file or directory that is not there is no error; a line that
/// is no setting is EINVAL and tells where it is.
seabag::Result<Settings> load_settings(const seabag::vfs::Namespace& files,
                                       std::string_view directory);

/// Replaces `DIRECTORY/app.conf` as one step: whoever reads it sees the old or the new settings,
/// also when writing fails half-way.
seabag::Result<void> save_settings(seabag::vfs::Namespace& files, std::string_view directory,
                                   const Settings& settings);
