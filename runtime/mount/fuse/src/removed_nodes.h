#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "seabag/vfs/file.h"
#include "seabag/vfs/node.h"

namespace seabag::mount {

/// Nodes that lost their last name through the mount while the kernel still knows them: a process
/// may stand in such a directory or hold an O_PATH descriptor, and goes on asking about the node,
/// which for a provider is gone unless a File is open on it. So a file is kept open here, and of
/// everything else the last attributes, until the kernel forgets the node. Safe for concurrent use.
class RemovedNodes {
 public:
  void keep(vfs::NodeId node, std::unique_ptr<vfs::File> file);
  void keep(const vfs::Attributes& last);

  /// The kernel has forgotten the node, or it was not removed after all.
  void forget(vfs::NodeId node);

  /// The last attributes of a node that is no file.
  [[nodiscard]] std::optional<vfs::Attributes> attributes(vfs::NodeId node) const;

 private:
  struct Kept {
    std::unique_ptr<vfs::File> file;
    vfs::Attributes attributes;
  };

  std::atomic<std::size_t> count_{0};  ///< so that forgetting, which is frequent, rarely locks
  mutable std::mutex mutex_;
  std::unordered_map<vfs::NodeId, Kept> kept_;  ///< guarded by mutex_
};

}  // namespace seabag::mount
