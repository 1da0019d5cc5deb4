#pragma once

#include <cstdint>
#include <optional>

#include "descriptor.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// System calls on the very object that a descriptor (O_PATH included) refers to, without its name.
///
/// Newer kernels take the descriptor itself (AT_EMPTY_PATH); for older ones the way is the magic
/// link /proc/self/fd/N. That is safe here and nowhere else: N is a descriptor of our own on an
/// object that has been verified, the link leads to that object and not to a path, and /proc is
/// checked to be procfs, so no planted directory can answer. Where both are missing the answer is
/// EOPNOTSUPP.
namespace seabag::providers {

/// chmod(2). Not for symlinks, which have no mode of their own: EOPNOTSUPP.
[[nodiscard]] Result<void> set_mode(int object, std::uint32_t mode, const char* operation);

/// lchown(2); what is absent stays.
[[nodiscard]] Result<void> set_owner(int object, std::optional<std::uint32_t> uid,
                                     std::optional<std::uint32_t> gid, const char* operation);

/// utimensat(2) on the object itself, symlinks included; what is absent stays.
[[nodiscard]] Result<void> set_times(int object, const std::optional<vfs::NewTime>& accessed,
                                     const std::optional<vfs::NewTime>& modified,
                                     const char* operation);

/// ftruncate(2), of a file that is open for writing. EFBIG for what no kernel file can have.
[[nodiscard]] Result<void> set_size(int file, std::uint64_t size, const char* operation);

/// linkat(2): gives the object a name in a directory.
[[nodiscard]] Result<void> give_name(int object, int directory, const char* name,
                                     const char* operation);

/// A new open file on the same object, needed when no name leads to it any more.
[[nodiscard]] Result<Descriptor> reopen(int object, int flags, const char* operation);

/// inotify_add_watch(2): the watch descriptor. ENOSPC when the user has no watches left.
[[nodiscard]] Result<int> add_watch(int inotify, int object, std::uint32_t mask,
                                    const char* operation);

}  // namespace seabag::providers
