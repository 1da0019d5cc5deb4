#pragma once

#include "command_line.h"
#include "seabag/command/run.h"
#include "seabag/vfs/result.h"

/// What each verb of `seabag fs` does. An error is the one line that the user sees.
namespace seabag::command {

class ChangeWriter;

[[nodiscard]] Result<void> fs_list(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_tree(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_cat(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_stat(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_find(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_usage(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_diff(const Fs& options, const Surroundings& surroundings,
                                   ChangeWriter& changes);
/// What an overlay changes in its source.
[[nodiscard]] Result<void> fs_overlay_diff(const Fs& options, const Surroundings& surroundings,
                                           ChangeWriter& changes);

[[nodiscard]] Result<void> fs_put(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_copy(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_move(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_remove(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_make_directory(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_link(const Fs& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> fs_commit(const Fs& options, const Surroundings& surroundings);

}  // namespace seabag::command
