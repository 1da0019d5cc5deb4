#pragma once

#include <sys/stat.h>

#include "core.h"

/// What the host has found at paths that lead to the same node until the mounts change (kMarkFixed)
/// or until a change is told (kMarkSteady): remembered in this process, so that the host is not
/// asked again. Nothing here waits or allocates; what cannot be had at once is asked for.
namespace seabag::intercept::shim {

/// What the page said before the host was asked: an answer holds for no later state than that.
struct Moment {
  std::uint64_t version = 0;  ///< of host and mounts; 0: nothing can be remembered
  std::uint64_t changes = 0;
};
Moment moment_now();

/// What is to be remembered, beside the answer itself.
struct Finding {
  const char* path;
  Moment moment;
  std::uint32_t marks;  ///< of the answer
};

/// The status of the node that a path leads to, with its last symlink followed. False when that is
/// not known.
bool recall_status(const char* path, struct stat& out);
void remember_status(const Finding& finding, const WireStatus& status);

/// A new descriptor of the file that a path leads to, for reading; -1 when that is not known or
/// `flags` of open(2) ask for more.
int open_recalled(const char* path, int flags);
/// `descriptor` stays the caller's; one more, which only names the file, is kept when the path is
/// opened for a second time.
void remember_file(const Finding& finding, int flags, int descriptor);

/// Another host answers from now on, or none.
void forget_found();

}  // namespace seabag::intercept::shim
