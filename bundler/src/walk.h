#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "batch.h"
#include "seabag/bundler/input.h"

namespace seabag::bundler {

/// Where the things of one input go.
struct SourcePlace {
  std::uint32_t input = 0;  ///< among `PackOptions::inputs`
  Input what;               ///< with a normalised prefix
};

/// A real directory. Files come in the order of their names, byte by byte, those of a directory
/// before those of its subdirectories, whatever order the file system has.
class DirectorySource final : public Source {
 public:
  /// `own_directories` are left out with a note: the cache, should it be inside of the input.
  DirectorySource(SourcePlace place, std::vector<FileIdentity> own_directories)
      : place_(std::move(place)), own_directories_(std::move(own_directories)) {}

  [[nodiscard]] Result<void> run(BatchSink& sink) override;

 private:
  SourcePlace place_;
  std::vector<FileIdentity> own_directories_;
};

/// A single file, a symlink to one followed.
class FileSource final : public Source {
 public:
  explicit FileSource(SourcePlace place) : place_(std::move(place)) {}

  [[nodiscard]] Result<void> run(BatchSink& sink) override;

 private:
  SourcePlace place_;
};

}  // namespace seabag::bundler
