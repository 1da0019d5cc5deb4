#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "posix_io.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// The directory that keeps cache segments between runs, shared by any number of processes. A
/// segment has its name only when it is complete. One thread at a time.
class CacheDirectory {
 public:
  /// Makes the directory when missing, mode 0700. Errors: those of mkdir(2) and open(2).
  [[nodiscard]] static Result<CacheDirectory> open(const std::string& path);

  struct Entry {
    std::string name;
    std::uint64_t size = 0;
    vfs::Timestamp used;
  };
  /// The segments, those that were used longest ago first. Also removes what killed processes have
  /// left.
  [[nodiscard]] Result<std::vector<Entry>> list() const;

  [[nodiscard]] Result<Descriptor> open_segment(const std::string& name) const;
  void remove(const std::string& name) const;
  /// Notes that a segment was of use now.
  void touch(const std::string& name) const;

  /// Starts a segment under a temporary name.
  struct Temporary {
    Descriptor file;
    std::string name;
  };
  [[nodiscard]] Result<Temporary> create() const;
  /// Gives a complete segment its name.
  [[nodiscard]] Result<void> publish(const std::string& temporary, std::uint64_t checksum) const;
  /// The same, as if it had last been used then.
  [[nodiscard]] Result<void> publish_used(const std::string& temporary, std::uint64_t checksum,
                                          vfs::Timestamp used) const;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  CacheDirectory(std::string path, Descriptor directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  [[nodiscard]] Result<Descriptor> lock() const;

  std::string path_;
  Descriptor directory_;
};

/// Keeps a cache in bounds: merges its small segments when there are many, and drops what was used
/// longest ago until `limit_bytes` are not exceeded. Errors are those of the directory.
[[nodiscard]] Result<void> tidy_cache(const CacheDirectory& cache, std::uint64_t limit_bytes);

}  // namespace seabag::bundler
