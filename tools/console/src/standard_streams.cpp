#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "seabag/console/io.h"

namespace seabag::console {

void open_missing_standard_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) {
      continue;
    }
    // The lowest free number is this one, because those below are open. An empty chroot has no
    // /dev/null; its root directory, opened as a mere name, can be neither read nor written.
    if (open("/dev/null", O_RDWR) < 0 && open("/", O_PATH) < 0) {
      return;
    }
  }
}

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    return value;
  };
}

ExitCode report(Io& io, const char* program, const Error& error) {
  // Best effort: when standard error itself is broken, the exit code is all that is left.
  const std::string message = is_usage_error(error) ? error.detail : error.message();
  (void)io.err.write(std::string(program) + ": " + message + "\n");
  (void)io.err.flush();
  return exit_code_of(error);
}

ExitCode finish(Io& io, const char* program, ExitCode code) {
  const Result<void> flushed = io.out.flush();
  if (!flushed && code == ExitCode::success) {
    return report(io, program, flushed.error());
  }
  (void)io.err.flush();  // as in `report`
  return code;
}

}  // namespace seabag::console
