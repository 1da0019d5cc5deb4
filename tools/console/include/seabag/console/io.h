#pragma once

#include <functional>
#include <optional>
#include <string>

#include "seabag/console/exit_code.h"
#include "seabag/console/output.h"

namespace seabag::console {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The surroundings of one run of a command. Nothing else is read or written without being asked
/// for by an argument, so tests run commands in-process.
struct Io {
  Output& out;  ///< results, for scripts too
  Output& err;  ///< progress and errors, for people
  Environment environment;
};

/// getenv(3).
[[nodiscard]] Environment process_environment();

/// Writes `PROGRAM: MESSAGE` as the one line about a failure and gives the code to exit with. What
/// cannot be written any more is lost: there is nowhere left to tell.
[[nodiscard]] ExitCode report(Io& io, const char* program, const Error& error);

/// Ends a run: flushes what is still buffered, so that `list > /dev/full` fails.
[[nodiscard]] ExitCode finish(Io& io, const char* program, ExitCode code);

}  // namespace seabag::console
