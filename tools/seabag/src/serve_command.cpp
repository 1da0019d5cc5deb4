#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "commands.h"
#include "pack_settings.h"
#include "progress_bar.h"
#include "seabag/app/serve.h"
#include "seabag/app/settings.h"
#include "seabag/bundler/pack.h"

namespace seabag::command {

namespace {

constexpr const char* kProgram = "seabag";

// A directory of its own for one temporary file, both gone at the end of scope.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const console::Environment& environment) {
    std::string directory = environment("TMPDIR").value_or("/tmp");
    directory += "/seabag-XXXXXX";
    if (mkdtemp(directory.data()) == nullptr) {
      return errno_error(errno, "mkdtemp", directory);
    }
    return TemporaryFile(std::move(directory));
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : directory_(std::exchange(other.directory_, std::string())) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!directory_.empty()) {
      unlink(path().c_str());
      rmdir(directory_.c_str());
    }
  }

  [[nodiscard]] std::string path() const { return directory_ + "/bundle"; }

 private:
  explicit TemporaryFile(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
};

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

// An archive becomes a bundle in a temporary file that has no name any more while it is served.
Result<console::ExitCode> serve_archive(const Serve& options, const Surroundings& surroundings) {
  const server::Config settings = SEABAG_TRY(settings_of(options, {}, surroundings));
  std::unique_ptr<bundle::Bundle> bundle;
  {
    const auto file = SEABAG_TRY(TemporaryFile::create(surroundings.io.environment));
    ProgressBar progress(surroundings.io.err, surroundings.io.environment);
    SEABAG_TRY(bundler::pack({.inputs = {{.path = options.subject}},
                              .output = file.path(),
                              .profile = bundler::Profile::none,
                              .security = settings.security,
                              .durability = bundle::Durability::cached},
                             &progress));
    bundle = SEABAG_TRY(bundle::Bundle::open_executable(file.path()));
  }
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
