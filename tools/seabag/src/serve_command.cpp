#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>

#include "archive_bundle.h"
#include "commands.h"
#include "pack_settings.h"
#include "seabag/app/serve.h"
#include "seabag/app/settings.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/bundler/input.h"
#include "seabag/providers/directory.h"
#include "seabag/server/live_assets.h"
#include "seabag/vfs/namespace.h"

namespace seabag::command {

namespace {

constexpr const char* kProgram = "seabag";

// Told while serving goes on: when it cannot be written, nothing can be done about it.
void report_line(const std::string& line, console::Io& io) {
  (void)io.err.write(std::string(kProgram) + ": " + line + "\n");
  (void)io.err.flush();
}

app::Flags flags_of(const Serve& options) {
  return {.listen = options.listen,
          .workers = options.workers,
          .access_log = options.access_log,
          .admin = options.admin,
          .listing = options.listing,
          .tls = options.tls};
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

Result<console::ExitCode> serve_bundle(const Serve& options,
                                       const std::shared_ptr<bundle::Bundle>& bundle,
                                       const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, bundle->config(), surroundings));
  vfs::Namespace files;
  vfs::Mount mount = SEABAG_TRY(files.mount("/", bundle));
  mount.keep();
  return app::serve(
      {.assets = bundle.get(), .files = &files, .bundled = &files, .command = surroundings.command},
      settings, kProgram, surroundings.io);
}

Result<console::ExitCode> serve_directory(const Serve& options, const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, {}, surroundings));
  vfs::Namespace files;
  vfs::Mount mount = SEABAG_TRY(
      files.mount("/", SEABAG_TRY(providers::DirectoryFileSystem::open_root(options.subject))));
  mount.keep();
  const auto assets = SEABAG_TRY(server::LiveAssets::create(
      files, {.security = settings.security,
              .hash = [](std::span<const std::byte> bytes) { return bundle::content_hash(bytes); },
              .compression = settings.live_compression ? server::LiveCompression::on
                                                       : server::LiveCompression::off,
              .report = [&](const std::string& line) { report_line(line, surroundings.io); }}));
  const app::Site site{.assets = assets.get(),
                       .files = &files,
                       .mutability = server::Mutability::changing,
                       .command = surroundings.command};
  return app::serve(site, settings, kProgram, surroundings.io);
}

Result<console::ExitCode> serve_archive(const Serve& options, const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, {}, surroundings));
  return serve_bundle(options,
                      SEABAG_TRY(open_archive(options.subject, settings.security, surroundings.io)),
                      surroundings);
}

}  // namespace

Result<console::ExitCode> execute(const Serve& options, const Surroundings& surroundings) {
  struct stat status {};
  if (stat(options.subject.c_str(), &status) != 0) {
    return errno_error(errno, "open", options.subject);
  }
  if (S_ISDIR(status.st_mode)) {
    return serve_directory(options, surroundings);
  }
  if (bundler::is_archive_name(options.subject)) {
    return serve_archive(options, surroundings);
  }
  return serve_bundle(options, SEABAG_TRY(open_app(options.subject)), surroundings);
}

Result<console::ExitCode> execute(const Docs& options, const Surroundings& surroundings) {
  (void)SEABAG_TRY(own_files(surroundings));
  const server::Config settings = SEABAG_TRY(app::make_settings(
      {}, {.listen = options.listen, .workers = {}, .access_log = {}, .admin = {}, .tls = {}},
      surroundings.io.environment));
  return app::serve({.assets = surroundings.own_assets, .command = surroundings.command}, settings,
                    kProgram, surroundings.io);
}

}  // namespace seabag::command
