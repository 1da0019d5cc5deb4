#include "seabag/command/run.h"

#include <variant>

#include "command_line.h"
#include "commands.h"

namespace seabag::command {

namespace {

constexpr const char* kProgram = "seabag";

Result<console::ExitCode> with_code(const Result<void>& done) {
  if (!done) {
    return done.error();
  }
  return console::ExitCode::success;
}

// Serving knows its code; everything else has succeeded when it returns.
Result<console::ExitCode> with_code(Result<console::ExitCode> code) { return code; }

}  // namespace

int run(std::span<const std::string> arguments, Surroundings surroundings) {
  console::Io& io = surroundings.io;
  auto code = console::ExitCode::success;
  const auto invocation = parse_command_line(arguments);
  if (!invocation) {
    code = console::report(io, kProgram, invocation.error());
  } else {
    const auto done =
        std::visit([&](const auto& options) { return with_code(execute(options, surroundings)); },
                   *invocation);
    if (done) {
      code = *done;
    } else {
      // What was written before belongs in front of the error.
      (void)io.out.flush();
      code = console::report(io, kProgram, done.error());
    }
  }
  return static_cast<int>(console::finish(io, kProgram, code));
}

Result<void> execute(const Show& show, const Surroundings& surroundings) {
  return surroundings.io.out.write(show.text);
}

}  // namespace seabag::command
