#pragma once

#include <array>
#include <atomic>
#include <cstdint>

/// What the intercepted side and the host say to each other: one datagram of a SOCK_SEQPACKET
/// socket each way, or one call inside the host's own process. Both sides are made from the same
/// build, so the records are plain structs; their sizes are still checked.
namespace seabag::intercept {

inline constexpr std::uint32_t kProtocol = 1;

/// Longest path that crosses: the directory's and the one given relative to it. A little more than
/// PATH_MAX, so that it is the host who says ENAMETOOLONG.
inline constexpr std::size_t kLongestPath = 4352;
/// Most data of one request or answer behind the fixed part.
inline constexpr std::size_t kMostData = 2 * kLongestPath;

/// The environment variables that carry interception into other programs.
inline constexpr const char* kHostVariable = "SEABAG_INTERCEPT";
inline constexpr const char* kDirectoryVariable = "SEABAG_INTERCEPT_CWD";
/// What this one program needs preloaded beside the hooks: the end of its LD_PRELOAD.
inline constexpr const char* kLibrariesVariable = "SEABAG_INTERCEPT_LIBRARIES";

enum class Operation : std::uint32_t {
  hello,                 ///< answers with the page of mounts as a descriptor
  open,                  ///< flags, mode
  status,                ///< flags: kFollow
  status_of_file,        ///< number: the inode of the memory file
  access,                ///< mode: R_OK ...; flags: kFollow
  read_link,             ///< answers with the target
  real_path,             ///< answers with the path
  list,                  ///< answers with a memory file of dirent64 records
  make,                  ///< mode with type, offset: device; mkdir and mknod
  make_link,             ///< second path: the new name; flags: kFollow
  make_symlink,          ///< first path: the new name; second: the target
  remove,                ///< flags: kDirectory for rmdir
  rename,                ///< flags: those of renameat2
  change_mode,           ///< mode
  change_owner,          ///< uid, gid; all ones: as it is
  change_times,          ///< times
  change_size,           ///< number: size
  file_system,           ///< answers with the statistics as data
  enter,                 ///< chdir: answers with the path
  synchronise,           ///< number: the inode of a memory file whose content is to be kept
  xattr,                 ///< second path: the name; answers with the value, or a file of that size
  xattrs,                ///< answers with names, each with its NUL, or a file
  set_xattr,             ///< second path: the name; the tail or `number` bytes of a file: the value
  remove_xattr,          ///< second path: the name
  change_mode_of_file,   ///< number: inode; as the ones above
  change_owner_of_file,  ///< number: inode
  change_times_of_file,  ///< number: inode
  read_data,             ///< number: inode, offset, mode: bytes; for files with injected faults
  write_data,            ///< number: inode, offset (or all ones: append), `tail` bytes
  pin,                   ///< answers with a real path that leads to the file as long as the host is
};

/// Request flags.
inline constexpr std::uint32_t kFollow = 1;
inline constexpr std::uint32_t kDirectory = 2;
inline constexpr std::uint32_t kInFile = 4;  ///< the value is in the file that comes along

/// `Timestamp` with the two special values of utimensat(2) in nanoseconds.
struct WireTime {
  std::int64_t seconds;
  std::int64_t nanoseconds;
};

/// A path as the program gave it, in front of it the path of the directory that it is relative to.
struct WirePath {
  std::uint32_t length;  ///< of both
  std::uint32_t base;    ///< how much of it is the directory's
  std::uint64_t moment;  ///< when the directory was found; renames since then are applied
};

struct Request {
  Operation operation;
  std::uint32_t flags;
  std::uint32_t mode;
  std::uint32_t uid;
  std::uint32_t gid;
  std::uint32_t tail;  ///< bytes behind the two paths
  std::uint64_t number;
  std::uint64_t offset;
  std::array<WireTime, 2> times;
  std::array<WirePath, 2> paths;
};

/// What came of a request beside an error.
enum class Outcome : std::uint32_t {
  done,
  real,  ///< the paths in `data`, each with its NUL, are those of the real file system: go there
};

struct WireStatus {
  std::uint64_t device;
  std::uint64_t inode;
  std::uint64_t links;
  std::uint64_t size;
  std::uint64_t blocks;
  std::uint64_t special;  ///< st_rdev
  std::uint32_t mode;
  std::uint32_t uid;
  std::uint32_t gid;
  std::uint32_t block_size;
  WireTime accessed;
  WireTime modified;
  WireTime changed;
  WireTime created;
};

struct Answer {
  std::int32_t error;  ///< an errno, 0 for success
  Outcome outcome;
  std::uint32_t length;      ///< of the data
  std::uint32_t descriptor;  ///< 1 when one comes along
  std::uint32_t marks;       ///< of what was found: kMark...
  std::uint32_t unused;
  WireStatus status;
};

/// What is special about a file.
inline constexpr std::uint32_t kMarkDirectory = 1;
inline constexpr std::uint32_t kMarkGoverned = 2;  ///< reads and writes go through the host
/// The path leads there, with these attributes, as long as the page has the same version.
inline constexpr std::uint32_t kMarkFixed = 4;
/// The path leads to that file as long as the page has the same version and count of changes.
inline constexpr std::uint32_t kMarkSteady = 8;

/// A request with the bytes behind it, and the same for an answer. The descriptor stays whose it
/// is.
struct Letter {
  Request request;
  std::array<char, kMostData> data;
  int descriptor;  ///< -1: none
};
/// Of a letter's first two parts.
inline constexpr std::size_t kMostLetter = sizeof(Request) + kMostData;
struct Reply {
  Answer answer;
  std::array<char, kMostData> data;
  int descriptor;  ///< -1: none
};

/// What the host does in its own process; the same as a letter over the socket.
using Desk = void (*)(const Letter& letter, Reply& reply);

/// The memory that host and intercepted programs share: which paths may be virtual. Read without a
/// lock; `version` is odd while it is being changed and grows with every change.
struct MountPage {
  static constexpr std::uint32_t kMagic = 0x53424950;
  static constexpr std::size_t kRoom = 60 * 1024;
  /// The part of `changes` that counts those under way; the rest counts those that are over.
  static constexpr std::uint64_t kUnderWay = 0xFFFF;

  std::uint32_t magic;
  std::uint32_t protocol;
  std::atomic<std::uint32_t> version;
  std::uint32_t length;  ///< of the prefixes, each with its NUL
  std::uint32_t common;  ///< bytes with which all prefixes begin
  /// Bit n: an absolute path whose second byte is n may lie in a mount or above one.
  std::array<std::atomic<std::uint64_t>, 4> second_bytes;
  std::uint64_t memory_device;  ///< st_dev of memory files
  /// Changes after which a path may lead to another file, or to the same in another memory file.
  std::atomic<std::uint64_t> changes;
  std::array<char, kRoom> prefixes;
};

/// What a descriptor of a virtual directory holds: a sealed memory file with this and the path
/// behind it. It has the sticky bit, by which fstat(2) tells it from a file.
struct DirectoryTicket {
  static constexpr std::uint64_t kMagic = 0x5365616261674469;

  std::uint64_t magic;
  std::uint64_t moment;
  std::uint32_t length;
  std::uint32_t unused;
};

}  // namespace seabag::intercept
