#pragma once

#include "bridge.h"
#include "seabag/vfs/observed.h"

namespace seabag::mount {

/// Makes the kernel forget what it has cached of whatever the library changes. The kernel may have
/// to wait for requests that are under way, so the threads that answer them never do this: what
/// they change goes through `ObservedFileSystem::quiet_for`.
class KernelCache final : public vfs::MutationObserver {
 public:
  /// To be called once, before the first change is told. `session` must outlive this object.
  void connect(fuse_session& session) { session_ = &session; }

  void on_name(vfs::NodeId parent, std::string_view name) override;
  void on_node(vfs::NodeId node, vfs::NodeChange change) override;

 private:
  fuse_session* session_ = nullptr;
};

}  // namespace seabag::mount
