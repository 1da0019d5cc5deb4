#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string>

#include "archive_bundle.h"
#include "commands.h"
#include "pack_settings.h"
#include "seabag/app/serve.h"
#include "seabag/app/settings.h"
#include "seabag/bundler/input.h"

namespace seabag::command {

namespace {

constexpr const char* kProgram = "seabag";

app::Flags flags_of(const Serve& options) {
  return {.listen = options.listen, .workers = options.workers, .access_log = options.access_log};
}

// The configuration of the command line, or that of the app that is served.
Result<server::Config> settings_of(const Serve& options, std::string_view embedded,
                                   const Surroundings& surroundings) {
  std::string text(embedded);
  std::string name = options.subject + ": seabag.toml";
  if (!options.config.empty()) {
    text = SEABAG_TRY(read_config(options.config));
    name = options.config;
  }
  return app::make_settings({text, name}, flags_of(options), surroundings.io.environment);
}

Result<console::ExitCode> serve_bundle(const Serve& options, const bundle::Bundle& bundle,
                                       const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, bundle.config(), surroundings));
  return app::serve({.assets = &bundle}, settings, kProgram, surroundings.io);
}

Result<console::ExitCode> serve_archive(const Serve& options, const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, {}, surroundings));
  const auto bundle = SEABAG_TRY(open_archive(options.subject, settings.security, surroundings.io));
  return serve_bundle(options, *bundle, surroundings);
}

}  // namespace

Result<console::ExitCode> execute(const Serve& options, const Surroundings& surroundings) {
  struct stat status {};
  if (stat(options.subject.c_str(), &status) != 0) {
    return errno_error(errno, "open", options.subject);
  }
  if (bundler::is_archive_name(options.subject)) {
    return serve_archive(options, surroundings);
  }
  const auto bundle = SEABAG_TRY(open_app(options.subject));
  return serve_bundle(options, *bundle, surroundings);
}

Result<console::ExitCode> execute(const Docs& options, const Surroundings& surroundings) {
  SEABAG_TRY(own_files(surroundings));
  const server::Config settings =
      SEABAG_TRY(app::make_settings({}, {.listen = options.listen, .workers = {}, .access_log = {}},
                                    surroundings.io.environment));
  return app::serve({.assets = surroundings.own_assets}, settings, kProgram, surroundings.io);
}

}  // namespace seabag::command
