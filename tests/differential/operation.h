#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "seabag/vfs/file.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/node.h"

/// One call of a differential test, as a value: it can be made on any subject, printed and made
/// again.
namespace seabag::testing {

enum class Act : std::uint8_t {
  // On a path.
  open,
  open_unnamed,
  stat,
  lstat,
  list,
  read_link,
  real_path,
  statistics,
  make_directory,
  make_node,
  make_symlink,
  link,
  unlink,
  remove_directory,
  rename,
  set_mode,
  set_owner,
  set_size,
  set_times,
  set_xattr,
  get_xattr,
  list_xattrs,
  remove_xattr,
  /// Closes all files and lets the provider take another shape with the same tree in it.
  renew,
  // On an open file, that is a slot.
  close,
  read,
  write,
  append,
  resize,
  allocate,
  find_extent,
  sync,
  file_attributes,
  name_file,
};

/// How many files a subject can hold open.
inline constexpr unsigned kSlots = 8;

/// Members that an act does not mention mean nothing to it.
struct Operation {
  Act act = Act::stat;
  std::string path = {};
  std::string other = {};  ///< the second path, or a symlink's target, or an attribute's name
  unsigned slot = 0;
  vfs::LastLink last_link = vfs::LastLink::follow;
  bool is_writing = false;  ///< O_RDWR, otherwise O_RDONLY
  bool truncate = false;
  bool directory = false;
  vfs::CreateMode create = vfs::CreateMode::never;
  vfs::FileType type = vfs::FileType::regular;
  std::uint32_t mode = 0;
  std::optional<std::uint32_t> uid = {};
  std::optional<std::uint32_t> gid = {};
  std::uint64_t offset = 0;
  std::uint64_t length = 0;   ///< also of an attribute's value
  std::uint64_t pattern = 0;  ///< decides the bytes that are written
  vfs::AllocateMode allocate = vfs::AllocateMode::extend;
  vfs::ExtentKind extent = vfs::ExtentKind::data;
  vfs::RenameMode rename = vfs::RenameMode::replace;
  vfs::XattrMode xattr = vfs::XattrMode::any;
  std::optional<vfs::NewTime> accessed = {};
  std::optional<vfs::NewTime> modified = {};

  [[nodiscard]] bool is_on_file() const { return act >= Act::close; }
};

/// The bytes that an operation writes.
[[nodiscard]] std::string content_of(const Operation& operation);

/// One line for a person.
[[nodiscard]] std::string describe(const Operation& operation);

}  // namespace seabag::testing
