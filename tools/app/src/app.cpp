#include "seabag/app/app.h"

#include <optional>
#include <utility>

#include "arguments.h"
#include "bundle_actions.h"
#include "seabag/app/hold_mount.h"
#include "seabag/app/settings.h"
#include "seabag/bundle/reader.h"
#include "seabag/console/exit_code.h"
#include "seabag/console/io.h"
#include "seabag/console/version.h"
#include "seabag/mount/kernel_mount.h"

namespace seabag::app {

namespace {

// What the configuration inside the bundle is called in errors.
constexpr const char* kConfigName = "seabag.toml";

}  // namespace

struct App::State {
  std::shared_ptr<bundle::Bundle> bundle;  // null: see bundle_failure
  std::optional<Error> bundle_failure;
  vfs::Namespace files;
  StateOpener open_state;  // null: there is no --state
  ChangedFiles changed;    // what it opened
  server::Router router;
  std::optional<Error> router_failure;  // the first one
  std::optional<Isolation> isolation;
  std::span<const char* const> command;  // borrowed from main

  void note(Result<void> added);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<console::ExitCode> run(const Arguments& arguments, const char* program,
                                              console::Io& io);
  [[nodiscard]] Result<console::ExitCode> serve_bundle(const Arguments& arguments,
                                                       const char* program, console::Io& io);
  [[nodiscard]] Result<void> mount_bundle(const Arguments& arguments, const char* program,
                                          console::Io& io);
  [[nodiscard]] Result<void> add_state(const std::string& path);
};

Result<void> App::State::open() {
  bundle = SEABAG_TRY(bundle::Bundle::open_self());
  auto mount = SEABAG_TRY(files.mount("/", bundle));
  mount.keep();
  return {};
}

Result<console::ExitCode> App::State::run(const Arguments& arguments, const char* program,
                                          console::Io& io) {
  if (arguments.action == Action::help) {
    SEABAG_TRY(
        io.out.write(help_text(program, open_state ? StateFlag::offered : StateFlag::absent)));
  } else if (arguments.action == Action::version) {
    SEABAG_TRY(io.out.write("seabag " + std::string(console::version()) + "\n"));
  } else if (bundle_failure) {
    return *bundle_failure;
  } else if (arguments.action == Action::serve) {
    return serve_bundle(arguments, program, io);
  } else if (arguments.action == Action::mount) {
    SEABAG_TRY(mount_bundle(arguments, program, io));
  } else {
    SEABAG_TRY(run_bundle_action(arguments, *bundle, io.out));
  }
  return console::ExitCode::success;
}

// In the foreground: the caller puts it where it wants it.
Result<void> App::State::mount_bundle(const Arguments& arguments, const char* program,
                                      console::Io& io) {
  const HeldSignals signals;
  const mount::KernelMountOptions options{.source = program};
  if (!arguments.state.empty()) {
    SEABAG_TRY(add_state(arguments.state));
  }
  auto mounted = SEABAG_TRY(
      changed.files == nullptr
          ? mount::KernelMount::mount(arguments.mount_directory, bundle, options)
          : mount::KernelMount::mount(arguments.mount_directory, changed.files, options));
  SEABAG_TRY(io.out.write("mounted at " + mounted.directory() + "\n"));
  SEABAG_TRY(io.out.flush());
  return signals.wait_and_unmount(mounted);
}

Result<console::ExitCode> App::State::serve_bundle(const Arguments& arguments, const char* program,
                                                   console::Io& io) {
  if (router_failure) {
    return *router_failure;
  }
  const server::Config settings =
      SEABAG_TRY(make_settings({bundle->config(), kConfigName}, arguments.flags, io.environment));
  Site site = {.assets = bundle.get(),
               .files = &files,
               .router = router.is_empty() ? nullptr : &router,
               .isolation = isolation.value_or(router.is_empty() ? Isolation::processes
                                                                 : Isolation::threads),
               .bundled = &files,
               .command = command};
  if (!arguments.state.empty()) {
    SEABAG_TRY(add_state(arguments.state));
    site.assets = changed.assets.get();
    site.mutability = server::Mutability::changing;
    // An open database does not survive a fork, and workers have to know of each other's changes.
    site.isolation = Isolation::threads;
  }
  return serve(site, settings, program, io);
}

Result<void> App::State::add_state(const std::string& path) {
  if (!open_state) {
    return console::usage_error(
        "--state: this app cannot keep changes: pack it with --with-state, or link seabag::state");
  }
  changed = SEABAG_TRY(open_state(path, bundle, files));
  return {};
}

App::App() : state_(std::make_unique<State>()) {
  auto opened = state_->open();
  if (!opened) {
    state_->bundle_failure = std::move(opened).error();
  }
}

App::~App() = default;

void App::State::note(Result<void> added) {
  if (!added && !router_failure) {
    router_failure = std::move(added).error();
  }
}

void App::handle(http::Method method, std::string_view pattern, server::AnyHandler handler,
                 const server::RouteOptions& options) {
  state_->note(state_->router.add(method, pattern, std::move(handler), options));
}

void App::get(std::string_view pattern, server::AnyHandler handler,
              const server::RouteOptions& options) {
  handle(http::Method::get, pattern, std::move(handler), options);
}

void App::post(std::string_view pattern, server::AnyHandler handler,
               const server::RouteOptions& options) {
  handle(http::Method::post, pattern, std::move(handler), options);
}

void App::use(server::Middleware middleware) { state_->router.use(std::move(middleware)); }

void App::tunnel(std::string_view pattern, std::string_view protocol,
                 server::StreamHandler handler) {
  state_->note(state_->router.add_tunnel(pattern, protocol, std::move(handler)));
}

void App::websocket(std::string_view pattern, server::SocketHandlers handlers,
                    server::SocketOptions options) {
  auto added =
      server::add_websocket(state_->router, pattern, std::move(handlers), std::move(options));
  if (!added && !state_->router_failure) {
    state_->router_failure = std::move(added).error();
  }
}

void App::set_isolation(Isolation isolation) { state_->isolation = isolation; }

void App::set_state(StateOpener open) { state_->open_state = std::move(open); }

vfs::Namespace& App::files() { return state_->files; }

int App::run(int argc, const char* const* argv) {
  console::open_missing_standard_streams();
  console::DescriptorOutput out(1, "standard output");
  console::DescriptorOutput err(2, "standard error");
  console::Io io{out, err, console::process_environment()};
  const auto arguments = std::span(argv, static_cast<std::size_t>(argc));
  state_->command = arguments;
  const std::string_view path = arguments.empty() ? "app" : arguments[0];
  const std::string program(path.substr(path.rfind('/') + 1));

  auto code = console::ExitCode::success;
  const auto parsed = parse_arguments(arguments.subspan(arguments.empty() ? 0 : 1));
  if (!parsed) {
    code = console::report(io, program.c_str(), parsed.error());
  } else if (const auto done = state_->run(*parsed, program.c_str(), io); done) {
    code = *done;
  } else {
    code = console::report(io, program.c_str(), done.error());
  }
  return static_cast<int>(console::finish(io, program.c_str(), code));
}

}  // namespace seabag::app
