#pragma once

#include <cstdint>
#include <memory>

#include "mounted_file.h"
#include "seabag/vfs/file.h"

namespace seabag::vfs {

/// How what a provider tells about a node is numbered in a namespace that is one file system.
struct JoinedNumbers {
  std::uint64_t mount = 0;  ///< of JoinedNodes
  NodeId directory{};       ///< instead, for a directory that belongs to a path

  /// EOVERFLOW as JoinedNodes::join.
  [[nodiscard]] Result<Attributes> apply(Attributes own) const;
};

/// A provider's file, pinned, with those numbers in its attributes.
std::unique_ptr<File> make_joined_file(Pin pin, std::unique_ptr<File> file, JoinedNumbers numbers);
std::unique_ptr<WritableFile> make_joined_file(Pin pin, std::unique_ptr<WritableFile> file,
                                               JoinedNumbers numbers);

}  // namespace seabag::vfs
