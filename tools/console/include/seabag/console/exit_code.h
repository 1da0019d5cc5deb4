#pragma once

#include <string>

#include "seabag/vfs/result.h"

namespace seabag::console {

/// What a process tells its caller: the same table for `seabag` and for every packed executable.
/// Scripts depend on these numbers.
enum class ExitCode : int {
  success = 0,
  failure = 1,      ///< something without a code of its own
  usage = 2,        ///< an unknown flag, a missing argument, a configuration with a mistake
  not_found = 3,    ///< an input, or a path in a bundle
  not_allowed = 4,  ///< permissions, a read-only place, an address in use
  no_space = 5,     ///< the disk is full or a limit was reached
  damaged = 6,      ///< a broken or hostile bundle or archive
  in_the_way = 7,   ///< an existing file would be overwritten
};

/// An error in how a command was called: an unknown flag, a missing argument. `message` is the
/// whole line for a person, without the program's name.
[[nodiscard]] Error usage_error(std::string message);

/// Whether it came from `usage_error`.
[[nodiscard]] bool is_usage_error(const Error& error);

/// The code for an error: the one table from errors to exit codes. Errors of categories of their
/// own (a malformed bundle, a refused archive) are `damaged`.
[[nodiscard]] ExitCode exit_code_of(const Error& error);

}  // namespace seabag::console
