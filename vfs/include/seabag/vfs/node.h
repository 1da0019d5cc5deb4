#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace seabag::vfs {

class ChangeFeed;

/// A node (inode) of one file system. Valid while the file system lives and the node exists: it has
/// a name, or a File is open on it. A provider never reuses a number for another node.
enum class NodeId : std::uint64_t {};

/// Every file system's root directory.
inline constexpr NodeId kRootNode{1};

/// Longest name of one directory entry, in bytes (NAME_MAX).
inline constexpr std::size_t kMaxNameLength = 255;
/// Longest path and longest symlink target, in bytes, the final NUL counted (PATH_MAX).
inline constexpr std::size_t kMaxPathLength = 4096;

enum class FileType : std::uint8_t {
  regular,
  directory,
  symlink,
  fifo,
  socket,
  character_device,
  block_device,
};

/// Nanoseconds since 1970-01-01 UTC as two parts; `nanoseconds` is 0 .. 999,999,999, also for
/// moments before 1970 (as in `struct timespec`).
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// What stat(2) tells about a node.
struct Attributes {
  NodeId node{};
  FileType type = FileType::regular;
  /// Permission bits with setuid, setgid and sticky (07777); the type is not in here.
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  /// Names of the node; a directory has 2 + subdirectories; 0 for an orphan (unlinked while open).
  std::uint64_t links = 1;
  /// Bytes; for a symlink the length of its target.
  std::uint64_t size = 0;
  /// Allocated space in units of 512 bytes, as st_blocks.
  std::uint64_t blocks = 0;
  std::uint32_t block_size = 4096;
  /// Device number, for device nodes only.
  std::uint64_t device = 0;
  /// st_ino: stable, and told by `list` too. Equal to `node` unless a provider mirrors a real tree.
  std::uint64_t inode = 0;
  Timestamp accessed;
  Timestamp modified;
  Timestamp changed;
  Timestamp created;
};

/// A new time for a node: a moment, or the provider's present.
struct NewTime {
  std::optional<Timestamp> moment;  ///< absent: now

  static NewTime now() { return {}; }
  static NewTime at(Timestamp when) { return {.moment = when}; }
};

/// What chmod, chown, truncate and utimensat change; an absent member is left as it is.
struct AttributeChanges {
  std::optional<std::uint32_t> mode = {};
  std::optional<std::uint32_t> uid = {};
  std::optional<std::uint32_t> gid = {};
  std::optional<std::uint64_t> size = {};
  std::optional<NewTime> accessed = {};
  std::optional<NewTime> modified = {};
  /// chown and truncate by somebody who is not privileged clear setuid and setgid.
  bool clear_set_id = false;
};

/// One row of a directory listing. `.` and `..` are never listed.
struct DirectoryEntry {
  std::string name;
  NodeId node{};
  std::uint64_t inode = 0;
  FileType type = FileType::regular;
  /// Passed to the next `list` to go on after this entry; stays valid while others come and go.
  std::uint64_t cookie = 0;
};

/// A node to be made.
struct NewNode {
  FileType type = FileType::regular;
  std::uint32_t mode = 0644;  ///< 07777; the caller has applied its umask
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;         ///< a setgid parent directory overrides it, as on Linux
  std::string_view target = {};  ///< symlinks only: 1 .. 4095 bytes, borrowed for the call
  std::uint64_t device = 0;      ///< devices only
};

/// What statfs(2) tells.
struct Statistics {
  std::uint32_t block_size = 4096;
  std::uint64_t blocks = 0;
  std::uint64_t blocks_free = 0;
  std::uint64_t nodes = 0;
  std::uint64_t nodes_free = 0;
};

/// What a provider can do; constant for its lifetime.
struct Capabilities {
  bool hard_links = false;
  bool extended_attributes = false;
  /// Node numbers mean the same after the file system is opened again.
  bool persistent_nodes = false;
  /// Unwritten ranges take no space and `File::find_extent` tells holes from data.
  bool sparse_files = false;
  /// fifos, sockets and devices can be made.
  bool special_files = false;
  /// The tree never changes while it is open: whoever asks may cache for ever.
  bool immutable = false;
  /// Tells what changes, as long as the file system lives; null when nobody does (`make_observed`).
  ChangeFeed* changes = nullptr;
};

}  // namespace seabag::vfs
