#pragma once

#include <memory>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/namespace.h"

namespace seabag::vfs {

/// A whole namespace, with all its mounts, as one file system: what a kernel mount shows.
///
///   auto files = std::make_shared<vfs::Namespace>();
///   auto mount = mount::KernelMount::mount("/mnt/all", vfs::make_file_system(files),
///                                          {.changes = mount::Changes::by_others_at_once});
///
/// What is mounted and unmounted later shows as it does in the namespace: a directory that is a
/// mount point, or on the way to one, is asked for anew by its path. A node of a file system that
/// has been unmounted works as long as it is known. Node numbers are the providers' own with the
/// number of the mount in the upper 16 bits, for st_ino too, so that two files of different mounts
/// never pass for one.
///
/// Between mounts `rename` and `link` are EXDEV; removing or renaming a mount point, or a directory
/// on the way to one, is EBUSY; changing a synthetic directory or a read-only mount EROFS.
/// EOVERFLOW for a provider whose numbers need more than 48 bits, and for the 65,536th mount.
/// Keeps the namespace alive. Safe for concurrent use.
[[nodiscard]] std::shared_ptr<WritableFileSystem> make_file_system(
    std::shared_ptr<Namespace> files);

}  // namespace seabag::vfs
