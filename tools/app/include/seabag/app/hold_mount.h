#pragma once

#include <csignal>

#include "seabag/mount/kernel_mount.h"
#include "seabag/vfs/result.h"

namespace seabag::app {

/// Keeps SIGTERM, SIGINT and SIGHUP from ending this process while it exists, so that a mount made
/// meanwhile is taken down in order. One thread at a time; make it before the threads.
class HeldSignals {
 public:
  HeldSignals();
  /// Drops what has come and lets later signals in again.
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// Waits until a signal comes, then unmounts, or until somebody else has unmounted. Errors of
  /// KernelMount::unmount.
  Result<void> wait_and_unmount(mount::KernelMount& mount) const;

 private:
  sigset_t held_{};
  sigset_t before_{};
};

}  // namespace seabag::app
