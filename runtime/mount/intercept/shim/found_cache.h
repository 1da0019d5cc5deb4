#pragma once

#include <sys/stat.h>

#include "core.h"

/// What the host has found at paths that lead to the same node until the mounts change
/// (kMarkFixed): remembered in this process, so that the host is not asked again. Nothing here
/// waits or allocates; what cannot be had at once is asked for.
namespace seabag::intercept::shim {

/// The status of the node that a path leads to, with its last symlink followed. False when that is
/// not known.
bool recall_status(const char* path, struct stat& out);
void remember_status(const char* path, const WireStatus& status);

/// A new descriptor of the file that a path leads to, for reading; -1 when that is not known or
/// `flags` of open(2) ask for more.
int open_recalled(const char* path, int flags);
/// `descriptor` stays the caller's; one more is kept when the path is opened for a second time.
void remember_file(const char* path, int flags, int descriptor);

/// Another host answers from now on, or none.
void forget_found();

}  // namespace seabag::intercept::shim
