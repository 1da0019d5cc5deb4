#pragma once

#include "seabag/vfs/result.h"

namespace seabag::mount {

/// Gives this process mounts of its own (unshare(2), mount_namespaces(7)): what it and its children
/// mount from now on nobody else sees, and it is gone with the last of them. Later mounts of the
/// machine do not reach it either. There is no way back.
///
/// Who may not do that is given a user namespace too, where the same user and group go on with
/// their own numbers and files of all others belong to nobody; then it must be the only thread, so
/// call it first in `main`. A program started afterwards cannot mount any more, but sees what was
/// mounted.
///
/// Errors: EPERM where the machine forbids user namespaces, EINVAL when other threads run, ENOSPC
/// when there are too many namespaces.
Result<void> make_mounts_private();

}  // namespace seabag::mount
