#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "descriptor.h"
#include "seabag/providers/directory.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// Finds what lies below one directory, and only there: no symlink or magic link is ever followed,
/// `..` never reaches the kernel, and on request no mount is crossed. Safe for concurrent use.
class Resolver {
 public:
  /// `root_mount` is the root's `Status::mount`; 0 only when crossing mounts is allowed.
  Resolver(Descriptor root, std::uint64_t root_mount, const DirectoryOptions& options);

  [[nodiscard]] int root() const { return root_.get(); }

  /// Whether the policy lets a caller reach what was found on this mount.
  [[nodiscard]] bool may_enter(std::uint64_t mount) const {
    return crosses_mounts_ || mount == root_mount_;
  }

  /// An O_PATH descriptor of what the path names: valid names with one `/` between two, not empty,
  /// of any length. Errors: ENOENT, ENOTDIR, ELOOP (a symlink in the middle), EXDEV, EACCES,
  /// EMFILE.
  [[nodiscard]] Result<Descriptor> open(std::string path, const char* operation) const;

  enum class Purpose : std::uint8_t {
    look,  ///< O_PATH
    read,  ///< O_RDONLY, without blocking or becoming the owner of a terminal
  };
  /// The same of a path shorter than kMaxPathLength, in one system call; closed when that did not
  /// work, whatever the reason. A symlink in the end is opened by `look` and no other.
  [[nodiscard]] Descriptor open_at_once(const char* path, Purpose purpose) const;

 private:
  [[nodiscard]] Result<Descriptor> open_names(int at, const char* path,
                                              const char* operation) const;
  [[nodiscard]] Result<Descriptor> open_name(int at, const char* name, const char* operation) const;

  Descriptor root_;
  std::uint64_t root_mount_;
  bool crosses_mounts_;
  /// Set for good when openat2 turns out not to work, which a filter may do at any time.
  mutable std::atomic<bool> walks_;
};

}  // namespace seabag::providers
