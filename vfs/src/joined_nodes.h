#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mount_table.h"

namespace seabag::vfs {

/// The numbers that nodes of a namespace have as those of one file system: the number of a mount in
/// the upper 16 bits and the provider's own below it. Mount points and directories on the way to
/// one, which belong to a path and not to a provider, have numbers of their own under mount 0.
/// Safe for concurrent use.
class JoinedNodes {
 public:
  JoinedNodes();

  /// The number of a mount, which is kept. EOVERFLOW after 65,535 of them.
  Result<std::uint64_t> mount_number(const MountState& mount);

  /// The file system that a node belongs to; null for a directory that belongs to a path.
  [[nodiscard]] std::shared_ptr<const MountState> mount_of(NodeId joined) const;

  /// The number of the directory at an absolute path, without symlinks.
  [[nodiscard]] NodeId directory(std::string_view path);
  /// The path behind such a number; ESTALE when there is none.
  [[nodiscard]] Result<std::string> path_of(NodeId directory) const;

  /// EOVERFLOW for a number of more than 48 bits.
  [[nodiscard]] static Result<NodeId> join(std::uint64_t mount, NodeId own);
  [[nodiscard]] static NodeId own(NodeId joined);
  [[nodiscard]] static std::uint64_t mount_number(NodeId joined);
  /// st_ino, which a provider may have larger numbers for.
  [[nodiscard]] static std::uint64_t inode(std::uint64_t mount, std::uint64_t own);

 private:
  static constexpr unsigned kOwnBits = 48;

  mutable std::shared_mutex mutex_;
  std::vector<std::shared_ptr<const MountState>> mounts_;          ///< guarded by mutex_; from 1 on
  std::vector<std::string> paths_;                                 ///< guarded by mutex_; from 1 on
  std::map<std::string, std::uint64_t, std::less<>> directories_;  ///< guarded by mutex_
};

}  // namespace seabag::vfs
