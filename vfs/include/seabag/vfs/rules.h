#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// What the kernel decides in the same way for every file system, so that no provider has to find
/// it out again: pure functions, in the kernel's order of checks.
namespace seabag::vfs {

inline constexpr std::uint32_t kModeBits = 07777;
inline constexpr std::uint32_t kSetUserId = 04000;
inline constexpr std::uint32_t kSetGroupId = 02000;

/// Longest name and longest value of an extended attribute (XATTR_NAME_MAX, XATTR_SIZE_MAX).
inline constexpr std::size_t kMaxXattrNameLength = 255;
inline constexpr std::size_t kMaxXattrValueSize = 65536;

/// What the kernel looks at before it looks for the node: ERANGE for an empty or too long name,
/// E2BIG for a value of too many bytes.
[[nodiscard]] Result<void> check_xattr_sizes(std::string_view name, std::size_t value_size,
                                             const char* operation);

/// Whether a node of this type can have an attribute of this name at all, asked for reading:
/// EOPNOTSUPP for one outside `user.`, ENODATA for other nodes than files and directories, EINVAL
/// for `user.` alone.
[[nodiscard]] Result<void> check_xattr_readable(FileType type, std::string_view name,
                                                const char* operation);

/// Whether a node of this type may get or lose an attribute of this name (xattr(7)): ERANGE for an
/// empty or too long name, EOPNOTSUPP for one outside `user.`, EPERM for other nodes than files and
/// directories, EINVAL for `user.` alone or a NUL.
[[nodiscard]] Result<void> check_xattr_name(FileType type, std::string_view name,
                                            const char* operation);

/// The same for a new value: `check_xattr_name`, and E2BIG for one that is too large.
[[nodiscard]] Result<void> check_xattr_value(FileType type, std::string_view name,
                                             std::string_view value, const char* operation);

/// What `check_rename` has to know.
struct RenameFacts {
  std::optional<FileType> source = {};  ///< absent when there is no such name
  std::optional<FileType> target = {};  ///< absent when the name is free
  bool is_same_node = false;
  /// The new name's directory is the source or lies below it; asked for directories only.
  bool moves_into_itself = false;
  /// The old name's directory is the target or lies below it; asked for directories only.
  bool replaces_ancestor = false;
  /// The target is a directory with entries.
  bool is_target_full = false;
};

/// Whether a rename may go ahead (renameat2(2)): ENOENT, EEXIST, EINVAL, ENOTEMPTY, ENOTDIR,
/// EISDIR. Success for two names of one node, where the caller then has nothing to do.
[[nodiscard]] Result<void> check_rename(const RenameFacts& facts, RenameMode mode);

/// Whether a node may be opened as a file: EISDIR, ELOOP for a symlink, ENXIO for the rest.
[[nodiscard]] Result<void> check_openable(FileType type, const char* operation);

/// Whether a node has a size to set: EISDIR, EINVAL.
[[nodiscard]] Result<void> check_resizable(FileType type, const char* operation);

/// Whether `changes` names anything at all.
[[nodiscard]] bool is_empty(const AttributeChanges& changes);

/// Whether `changes` names a size and nothing else, as truncate(2) does.
[[nodiscard]] bool is_size_only(const AttributeChanges& changes);

/// The mode of a node after chown, write or truncate by somebody who is not privileged: a file
/// loses setuid, and setgid where its group may execute it.
[[nodiscard]] std::uint32_t without_set_id(FileType type, std::uint32_t mode);

/// Owner and mode of a new node, in a directory that may be setgid: then it has the directory's
/// group, and a directory is setgid again.
struct NewOwner {
  std::uint32_t mode = 0;
  std::uint32_t gid = 0;
};
[[nodiscard]] NewOwner inherit_group(const NewNode& what, std::uint32_t parent_mode,
                                     std::uint32_t parent_gid);

/// When reading a node moves its access time forward.
enum class AccessTimes : std::uint8_t {
  relative,  ///< relatime: when it is not after the last change, or a day old
  always,    ///< strictatime
  never,     ///< noatime
};

/// The times that `is_access_due` looks at.
struct NodeTimes {
  Timestamp accessed;
  Timestamp modified;
  Timestamp changed;
};

/// Whether a read at the moment `now` moves the access time.
[[nodiscard]] bool is_access_due(AccessTimes policy, const NodeTimes& times, Timestamp now);

}  // namespace seabag::vfs
