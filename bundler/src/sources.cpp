#include "sources.h"

#include <limits>
#include <utility>

#include "seabag/bundler/failure.h"
#include "unpack.h"
#include "walk.h"

namespace seabag::bundler {

Result<void> check_inputs(const PackOptions& options) {
  if (options.inputs.size() > std::numeric_limits<std::uint16_t>::max()) {
    return make_error(std::errc::argument_list_too_long, "pack", {}, "at most 65,535 inputs");
  }
  const auto output = status_of_path(options.output);
  for (const Input& input : options.inputs) {
    SEABAG_TRY(normalise_prefix(input.prefix));
    const FileStatus status = SEABAG_TRY(status_of_path(input.path));
    if (status.type != vfs::FileType::regular && status.type != vfs::FileType::directory) {
      return make_failure(Failure::special_file, "pack", input.path,
                          "an input is a directory, a file or an archive");
    }
    if (output && status.type == vfs::FileType::regular && status.identity == output->identity) {
      return make_failure(Failure::output_is_input, "pack", input.path,
                          "choose another name for the output");
    }
  }
  return {};
}

Result<OwnFiles> find_own_files(const PackOptions& options, int output_descriptor) {
  OwnFiles own;
  own.files.push_back(SEABAG_TRY(status_of(output_descriptor, options.output)).identity);
  if (const auto former = status_of_path(options.output)) {
    own.files.push_back(former->identity);
  }
  if (!options.cache_directory.empty()) {
    if (const auto cache = status_of_path(options.cache_directory)) {
      own.directories.push_back(cache->identity);
    }
  }
  return own;
}

Result<std::vector<std::unique_ptr<Source>>> make_sources(const PackOptions& options,
                                                          const OwnFiles& own) {
  std::vector<std::unique_ptr<Source>> sources;
  for (const Input& input : options.inputs) {
    const FileStatus status = SEABAG_TRY(status_of_path(input.path));
    SourcePlace place{
        .input = static_cast<std::uint32_t>(sources.size()),
        .what = {.path = input.path, .prefix = SEABAG_TRY(normalise_prefix(input.prefix))}};
    if (status.type == vfs::FileType::directory) {
      sources.push_back(std::make_unique<DirectorySource>(std::move(place), own.directories));
    } else if (is_archive_name(input.path)) {
      sources.push_back(std::make_unique<ArchiveSource>(std::move(place), options.archive_limits,
                                                        directory_of(options.output)));
    } else {
      sources.push_back(std::make_unique<FileSource>(std::move(place)));
    }
  }
  return sources;
}

void run_sources(const std::vector<std::unique_ptr<Source>>& sources, BatchSink& sink) {
  for (const auto& source : sources) {
    auto done = source->run(sink);
    if (!done) {
      sink.current().error = std::move(done).error();
      return;
    }
    if (!sink.submit()) {
      return;
    }
  }
}

}  // namespace seabag::bundler
