#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/app/settings.h"
#include "seabag/vfs/result.h"

namespace seabag::app {

/// What a packed executable is asked to do.
enum class Action : std::uint8_t { serve, list, info, verify, extract, mount, help, version };

/// The arguments of a packed executable, parsed.
struct Arguments {
  Action action = Action::serve;
  Flags flags;
  std::string extract_directory;
  std::string mount_directory;
  /// The file that changes are kept in; empty for none.
  std::string state;
  /// What follows `--`: for the app itself.
  std::vector<std::string> rest;
};

/// Parses what follows the program's name. A value is the next argument or follows `=`. A usage
/// error for an unknown flag, a missing or unwanted value and anything that is no flag.
///
/// A table of its own instead of the command's parser (CLI11): that one takes more than 400 KiB of
/// code and some hundred allocations at each start, here are eighteen flags.
[[nodiscard]] Result<Arguments> parse_arguments(std::span<const char* const> arguments);

/// Whether the app has somewhere to keep changes (App::set_state).
enum class StateFlag : std::uint8_t { absent, offered };

/// What `--help` shows.
[[nodiscard]] std::string help_text(std::string_view program, StateFlag state);

}  // namespace seabag::app
