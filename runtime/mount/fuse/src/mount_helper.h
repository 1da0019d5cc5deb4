#pragma once

#include <string>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

/// Mounting by fusermount3, which lets an ordinary user mount on a directory of their own.
namespace seabag::mount {

inline constexpr const char* kMountHelper = "fusermount3";

struct HelperRequest {
  std::string directory;  ///< absolute, without symlinks
  std::string source;
  bool is_read_only = false;
};

/// Gives the connection of /dev/fuse. EPERM with what the program said, or how to get it.
[[nodiscard]] Result<net::Descriptor> mount_by_helper(const HelperRequest& request);

/// Unmounts lazily; EPERM with what the program said.
Result<void> unmount_by_helper(const std::string& directory);

}  // namespace seabag::mount
