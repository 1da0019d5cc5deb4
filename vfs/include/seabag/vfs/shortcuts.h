#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// What programs do most, in one line each, over the calls of Namespace. Found by
/// argument-dependent lookup: `read_file(files, "/etc/motd")`. Errors are those of the calls. Safe
/// for concurrent use.
namespace seabag::vfs {

/// Whether `path` leads to something, symlinks followed: false for ENOENT and ENOTDIR, an error for
/// everything that leaves it open.
[[nodiscard]] Result<bool> exists(const Namespace& files, std::string_view path);

/// All bytes of a file.
[[nodiscard]] Result<std::string> read_file(const Namespace& files, std::string_view path);

/// Makes the file or replaces its content: open with O_CREAT|O_TRUNC, write, close. Not atomic: for
/// that, write another name and rename it. ENOSPC when not all bytes found room.
Result<void> write_file(Namespace& files, std::string_view path, std::string_view bytes,
                        CreateOptions options = {.mode = 0644});

/// mkdir(2).
Result<Attributes> create_directory(Namespace& files, std::string_view path,
                                    CreateOptions options = {.mode = 0755});

/// `mkdir -p`: a directory that exists, also through a symlink, is no error. ENOTDIR or EEXIST when
/// something else has the name.
Result<void> create_directories(Namespace& files, std::string_view path,
                                CreateOptions options = {.mode = 0755});

/// symlink(2): `path` will lead to `target`, which need not exist. The order is that of link(2) and
/// symlink(2): what it leads to comes first.
Result<Attributes> create_symlink(Namespace& files, std::string_view target, std::string_view path);

/// unlink(2).
Result<void> unlink(Namespace& files, std::string_view path);

/// rmdir(2).
Result<void> remove_directory(Namespace& files, std::string_view path);

/// chmod(2), 07777; symlinks are followed.
Result<Attributes> set_mode(Namespace& files, std::string_view path, std::uint32_t mode);

/// utimensat(2), symlinks followed: access and modification time.
Result<Attributes> set_times(Namespace& files, std::string_view path, NewTime accessed,
                             NewTime modified);

}  // namespace seabag::vfs
