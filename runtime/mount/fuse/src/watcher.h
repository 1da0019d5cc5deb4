#pragma once

#include <sys/types.h>

#include "attachment.h"
#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::mount {

/// A child process that outlives this one by the moment it takes to unmount: however this process
/// ends, SIGKILL included, no dead mount stays behind. It holds no descriptor of ours but its own
/// pipe, and it ends when the mount has ended in an orderly way. Move-only; one thread at a time.
class Watcher {
 public:
  [[nodiscard]] static Result<Watcher> start(const Attachment& attachment);

  Watcher(Watcher&& other) noexcept;
  Watcher& operator=(Watcher&&) = delete;
  /// Dismisses it: it ends without unmounting anything.
  ~Watcher();

 private:
  Watcher(pid_t process, net::Descriptor pipe) : process_(process), pipe_(std::move(pipe)) {}

  pid_t process_;  ///< 0: none
  net::Descriptor pipe_;
};

}  // namespace seabag::mount
