#include "seabag/app/app.h"

#include <optional>
#include <string>
#include <string_view>

#include "arguments.h"
#include "bundle_actions.h"
#include "seabag/bundle/reader.h"
#include "seabag/console/io.h"
#include "seabag/console/version.h"
#include "serve.h"

namespace seabag::app {

struct App::State {
  std::shared_ptr<bundle::Bundle> bundle;  // null: see failure
  std::optional<Error> failure;
  vfs::Namespace files;

  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> run(const Arguments& arguments, std::string_view program,
                                 console::Io& io);
};

Result<void> App::State::open() {
  bundle = SEABAG_TRY(bundle::Bundle::open_self());
  auto mount = SEABAG_TRY(files.mount("/", bundle));
  mount.keep();
  return {};
}

Result<void> App::State::run(const Arguments& arguments, std::string_view program,
                             console::Io& io) {
  if (arguments.action == Action::help) {
    return io.out.write(help_text(program));
  }
  if (arguments.action == Action::version) {
    return io.out.write("seabag " + std::string(console::version()) + "\n");
  }
  if (failure) {
    return *failure;
  }
  if (arguments.action == Action::serve) {
    return serve(*bundle, {.listen = arguments.listen}, io);
  }
  return run_bundle_action(arguments, *bundle, io.out);
}

App::App() : state_(std::make_unique<State>()) {
  auto opened = state_->open();
  if (!opened) {
    state_->failure = std::move(opened).error();
  }
}

App::~App() = default;

vfs::Namespace& App::files() { return state_->files; }

int App::run(int argc, const char* const* argv) {
  console::open_missing_standard_streams();
  console::DescriptorOutput out(1, "standard output");
  console::DescriptorOutput err(2, "standard error");
  console::Io io{out, err, console::process_environment()};
  const std::string_view path = argc > 0 ? argv[0] : "app";
  const std::string program(path.substr(path.rfind('/') + 1));

  auto code = console::ExitCode::success;
  const auto arguments =
      parse_arguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  if (!arguments) {
    code = console::report(io, program.c_str(), arguments.error());
  } else if (const auto done = state_->run(*arguments, program, io); !done) {
    code = console::report(io, program.c_str(), done.error());
  }
  return static_cast<int>(console::finish(io, program.c_str(), code));
}

}  // namespace seabag::app
