#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "descriptor.h"
#include "json.h"
#include "pack_settings.h"
#include "progress_bar.h"
#include "seabag/app/settings.h"
#include "seabag/bundle/executable.h"
#include "seabag/bundler/input.h"
#include "seabag/bundler/pack.h"
#include "seabag/console/format.h"
#include "seabag/console/version.h"
#include "seabag/inspect/contents.h"
#include "seabag/vfs/shortcuts.h"

namespace seabag::command {

namespace {

constexpr const char* kEpochVariable = "SOURCE_DATE_EPOCH";

// Opens the executable to pack into. What it lacks is told here, where its name is known.
Result<Descriptor> open_stub(const std::string& path) {
  Descriptor stub(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (stub.get() < 0 || fstat(stub.get(), &status) != 0) {
    return errno_error(errno, "open", path);
  }
  const auto slot = bundle::find_slot(stub.get(), static_cast<std::uint64_t>(status.st_size));
  if (!slot) {
    return with_path(slot.error(), path);
  }
  return stub;
}

// A stub that the command carries, as a file in memory: the writer copies from a descriptor.
Result<Descriptor> own_stub(const char* path, const Surroundings& surroundings) {
  vfs::FileSystem* files = SEABAG_TRY(own_files(surroundings));
  const auto contents = SEABAG_TRY(inspect::Contents::open(*files));
  const std::string stub = SEABAG_TRY(vfs::read_file(contents->names(), path));
  Descriptor copy(memfd_create("seabag-stub", MFD_CLOEXEC));
  if (copy.get() < 0) {
    return errno_error(errno, "memfd_create", path);
  }
  std::string_view rest = stub;
  while (!rest.empty()) {
    const ssize_t written = write(copy.get(), rest.data(), rest.size());
    if (written < 0) {
      return errno_error(errno, "write", path);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return copy;
}

Result<std::optional<std::int64_t>> source_date_epoch(const console::Environment& environment) {
  const auto text = environment(kEpochVariable);
  if (!text || text->empty()) {
    return std::optional<std::int64_t>();
  }
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (problem != std::errc() || end != text->data() + text->size() || seconds < 0) {
    return console::usage_error(std::string(kEpochVariable) + ": '" + *text +
                                "' is not a number of seconds since 1970");
  }
  return std::optional(seconds);
}

// Where compressed forms are remembered when nobody says: made if need be, and none when that does
// not work, because packing must not depend on a home directory.
std::string default_cache(const console::Environment& environment) {
  std::string directory;
  if (const auto cache = environment("XDG_CACHE_HOME"); cache && cache->starts_with('/')) {
    directory = *cache;
  } else if (const auto home = environment("HOME"); home && home->starts_with('/')) {
    directory = *home + "/.cache";
  } else {
    return {};
  }
  for (const char* name : {"", "/seabag"}) {
    directory += name;
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
      return {};
    }
  }
  return access(directory.c_str(), W_OK | X_OK) == 0 ? directory : std::string();
}

bundler::Profile profile_of(std::string_view name) {
  if (name == "dev") {
    return bundler::Profile::dev;
  }
  return name == "none" ? bundler::Profile::none : bundler::Profile::release;
}

std::string cache_of(const Pack& options, const console::Environment& environment) {
  if (options.no_cache) {
    return {};
  }
  return options.cache.empty() ? default_cache(environment) : options.cache;
}

Result<bundler::PackOptions> pack_options(const Pack& options,
                                          const console::Environment& environment) {
  bundler::PackOptions pack;
  for (const std::string& input : options.inputs) {
    auto parsed = bundler::parse_input(input);
    if (!parsed) {
      return with_path(std::move(parsed).error(), input);
    }
    pack.inputs.push_back(std::move(parsed).value());
  }
  PackSettings settings;
  if (!options.config.empty()) {
    pack.config_text = SEABAG_TRY(read_config(options.config));
    settings = SEABAG_TRY(parse_pack_settings(pack.config_text, options.config));
    const auto server = SEABAG_TRY(app::check_config({pack.config_text, options.config}));
    pack.security = server.security;
  }
  pack.producer = "seabag " + std::string(console::version());
  pack.output = options.output;
  pack.profile = profile_of(options.profile.value_or(settings.profile));
  const std::string links = options.links.value_or(settings.links);
  pack.links = links == "any" ? bundler::LinkPolicy::any : bundler::LinkPolicy::inside;
  pack.jobs = options.jobs;
  pack.cache_directory = cache_of(options, environment);
  pack.source_date_epoch = SEABAG_TRY(source_date_epoch(environment));
  return pack;
}

std::string tally_text(const char* name, const bundler::Tally& tally) {
  return std::string(name) + " " + console::format_count(tally.count) + " (" +
         console::format_bytes(tally.bytes) + ")";
}

std::string summary(const bundler::PackReport& report, const std::string& output) {
  const auto& forms = report.representations;
  std::string text = console::format_count(report.files) + " files, " +
                     console::format_bytes(report.bytes_in) + " in (" +
                     console::format_count(report.directories) + " directories, " +
                     console::format_count(report.symlinks) + " symlinks)\n";
  text += tally_text("identity", forms[0]) + ", " + tally_text("gzip", forms[1]) + ", " +
          tally_text("br", forms[2]) + ", " + tally_text("zstd", forms[3]) + "\n";
  text += tally_text("deduplicated", report.deduplicated) + ", " +
          tally_text("adopted", report.adopted) + ", compressed " +
          console::format_count(report.computed_variants) + ", from the cache " +
          console::format_count(report.cached_variants) + "\n";
  const std::chrono::duration<double> elapsed = report.elapsed;
  return text + console::printable(output) + ": " + console::format_bytes(report.bytes_out) +
         " in " + console::format_seconds(elapsed.count()) + "\n";
}

}  // namespace

Result<void> execute(const Pack& options, const Surroundings& surroundings) {
  console::Io& io = surroundings.io;
  bundler::PackOptions pack = SEABAG_TRY(pack_options(options, io.environment));
  const char* const own_path = options.with_state ? kStubWithStatePath : kStubPath;
  const Descriptor stub = options.stub.empty() ? SEABAG_TRY(own_stub(own_path, surroundings))
                                               : SEABAG_TRY(open_stub(options.stub));
  pack.stub_descriptor = stub.get();

  ProgressBar progress(io.err, io.environment);
  auto report = bundler::pack(pack, options.quiet ? nullptr : &progress);
  progress.clear();
  if (!report) {
    return std::move(report).error();
  }
  for (const std::string& warning : report->warnings) {
    SEABAG_TRY(io.err.write("seabag: warning: " + console::printable(warning) + "\n"));
  }
  if (options.json) {
    return io.out.write(to_json(*report, options.output) + "\n");
  }
  return options.quiet ? Result<void>() : io.out.write(summary(*report, options.output));
}

}  // namespace seabag::command
