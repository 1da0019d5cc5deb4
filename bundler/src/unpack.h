#pragma once

#include <cstdint>
#include <string>

#include "batch.h"
#include "seabag/bundler/pack.h"
#include "walk.h"

namespace seabag::bundler {

/// An archive, unpacked as it is read and without touching the disk for small files. Entries come
/// in the order of the archive. Nothing in it is trusted: names must stay inside, and what it
/// unpacks to is bounded.
class ArchiveSource final : public Source {
 public:
  /// Large files go through scratch files in `scratch_directory`.
  ArchiveSource(SourcePlace place, const ArchiveLimits& limits, std::string scratch_directory)
      : place_(std::move(place)),
        limits_(limits),
        scratch_directory_(std::move(scratch_directory)) {}

  /// Failures archive_damaged, archive_refused, archive_limit, special_file; each names the archive
  /// and the entry.
  [[nodiscard]] Result<void> run(BatchSink& sink) override;

 private:
  SourcePlace place_;
  ArchiveLimits limits_;
  std::string scratch_directory_;
};

}  // namespace seabag::bundler
