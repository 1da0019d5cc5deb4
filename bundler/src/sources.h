#pragma once

#include <memory>
#include <vector>

#include "batch.h"
#include "posix_io.h"
#include "seabag/bundler/pack.h"

namespace seabag::bundler {

/// What a pack writes itself and must not pack.
struct OwnFiles {
  std::vector<FileIdentity> files;        ///< the output that is made, and the one it replaces
  std::vector<FileIdentity> directories;  ///< the cache
};

/// Looks at the inputs before anything is written: each exists and is a file or directory
/// (special_file), and none is the output (output_is_input). Prefixes are as `normalise_prefix`
/// wants them.
[[nodiscard]] Result<void> check_inputs(const PackOptions& options);

/// `output_descriptor` is the file that is being written.
[[nodiscard]] Result<OwnFiles> find_own_files(const PackOptions& options, int output_descriptor);

/// One source for each input, in their order.
[[nodiscard]] Result<std::vector<std::unique_ptr<Source>>> make_sources(const PackOptions& options,
                                                                        const OwnFiles& own);

/// Runs one source after the other; an error goes with the batch in which it turned up.
void run_sources(const std::vector<std::unique_ptr<Source>>& sources, BatchSink& sink);

}  // namespace seabag::bundler
