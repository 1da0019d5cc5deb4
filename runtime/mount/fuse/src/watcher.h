#pragma once

#include <sys/types.h>

#include <cstddef>

#include "attachment.h"
#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::mount {

/// A child process that outlives this one by the moment it takes to unmount: however this process
/// ends, SIGKILL included, no dead mount stays behind. It holds no descriptor of ours but its own
/// pipe, and it ends when the mount has ended in an orderly way. Move-only; one thread at a time.
class Watcher {
 public:
  /// To be started before the mount is made, so that there is no moment at which it would stay.
  [[nodiscard]] static Result<Watcher> start(const MountPoint& point);

  /// Tells it what was mounted. Until then whatever comes to lie at the mount point is taken for
  /// it.
  void expect(const Attachment& attachment);

  Watcher(Watcher&& other) noexcept;
  Watcher& operator=(Watcher&&) = delete;
  /// Dismisses it: it ends without unmounting anything.
  ~Watcher();

 private:
  Watcher(pid_t process, net::Descriptor pipe) : process_(process), pipe_(std::move(pipe)) {}

  void send(const void* message, std::size_t size);

  pid_t process_;  ///< 0: none
  net::Descriptor pipe_;
};

}  // namespace seabag::mount
