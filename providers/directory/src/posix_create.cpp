#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "posix_file.h"
#include "posix_object.h"
#include "posix_status.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"
#include "state.h"

namespace seabag::providers {
namespace {

/// Gives a new object the owner and mode that were asked for: creation itself obeys the umask and
/// makes the process the owner. `directory` is where it was made.
Result<Status> settle(int object, int directory, const vfs::NewNode& what, const char* operation) {
  const Status made = SEABAG_TRY(status_of(object, operation));
  const vfs::Attributes& is = made.attributes;
  if (is.type != what.type) {
    return errno_error(ESTALE, operation);  // somebody has put another thing in its place
  }
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  if (what.uid != is.uid) {
    uid = what.uid;
  }
  if (what.gid != is.gid) {
    const Status parent = SEABAG_TRY(status_of(directory, operation));
    if ((parent.attributes.mode & vfs::kSetGroupId) == 0) {
      gid = what.gid;
    }
  }
  const bool has_new_owner = uid || gid;
  if (has_new_owner) {
    const auto changed = set_owner(object, uid, gid, operation);
    // Who may not give files away owns what it makes, as with open(2).
    if (!changed && !changed.error().is(std::errc::operation_not_permitted)) {
      return changed.error();
    }
  }
  // A new directory has the bit only when it inherits it.
  const std::uint32_t inherited =
      what.type == vfs::FileType::directory ? is.mode & vfs::kSetGroupId : 0U;
  const std::uint32_t mode = (what.mode & vfs::kModeBits) | inherited;
  const bool has_new_mode =
      what.type != vfs::FileType::symlink &&
      (mode != is.mode || (has_new_owner && (mode & (vfs::kSetUserId | vfs::kSetGroupId)) != 0));
  if (has_new_mode) {
    SEABAG_TRY(set_mode(object, mode, operation));
  }
  return has_new_owner || has_new_mode ? status_of(object, operation) : made;
}

/// Makes a regular file, directory or symlink; the descriptor is of that object.
Result<Descriptor> make(int directory, const char* name, const vfs::NewNode& what,
                        const char* operation) {
  const mode_t mode = what.mode & 0777U;
  int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  int answer = 0;
  if (what.type == vfs::FileType::regular) {
    flags = O_CREAT | O_EXCL | O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
  } else if (what.type == vfs::FileType::directory) {
    answer = ::mkdirat(directory, name, mode);
  } else {
    answer = ::symlinkat(std::string(what.target).c_str(), directory, name);
  }
  if (answer != 0) {
    return errno_error(errno, operation);
  }
  Descriptor made(uninterrupted([&] { return ::openat(directory, name, flags, mode); }));
  if (!made.is_open()) {
    return errno_error(errno, operation);
  }
  return made;
}

/// What cannot be made at all. EEXIST goes first, as in mknod(2).
Result<void> check_kind(int directory, const char* name, const vfs::NewNode& what,
                        const char* operation) {
  switch (what.type) {
    case vfs::FileType::regular:
    case vfs::FileType::directory:
      return {};
    case vfs::FileType::symlink:
      return vfs::check_link_target(what.target, operation);
    default:
      break;
  }
  if (status_at(directory, name, operation)) {
    return errno_error(EEXIST, operation);
  }
  return make_error(std::errc::operation_not_permitted, operation, {},
                    "a sandboxed directory gets no fifos, sockets or devices");
}

}  // namespace

Result<void> DirectoryFileSystem::State::check_writable(int directory, std::string_view name,
                                                        Needs needs, const char* operation) const {
  auto writable = tree.check_writable(operation);
  if (writable) {
    return {};
  }
  const auto status = status_at(directory, std::string(name).c_str(), operation);
  if (needs == Needs::free && status) {
    return errno_error(EEXIST, operation);
  }
  if (needs == Needs::taken && !status) {
    return status.error();
  }
  return writable;
}

Result<vfs::Attributes> DirectoryFileSystem::create(vfs::NodeId parent, std::string_view name,
                                                    const vfs::NewNode& what) {
  constexpr const char* kOperation = "create";
  SEABAG_TRY(vfs::check_name(name, kOperation));
  const Pinned pinned = SEABAG_TRY(state_->tree.pin_parent(parent, kOperation));
  const int directory = pinned.descriptor;
  const std::string entry(name);
  SEABAG_TRY(state_->check_writable(directory, name, State::Needs::free, kOperation));
  SEABAG_TRY(check_kind(directory, entry.c_str(), what, kOperation));
  const NodeTable::Moment before = state_->tree.nodes().moment();
  const Descriptor made = SEABAG_TRY(make(directory, entry.c_str(), what, kOperation));
  auto settled = settle(made.get(), directory, what, kOperation);
  if (!settled) {
    ::unlinkat(directory, entry.c_str(), what.type == vfs::FileType::directory ? AT_REMOVEDIR : 0);
    return std::move(settled).error();
  }
  settled->attributes.node =
      SEABAG_TRY(state_->tree.note_made(*settled, made.get(), parent, name, before));
  return settled->attributes;
}

Result<std::unique_ptr<vfs::WritableFile>> DirectoryFileSystem::create_unnamed(
    vfs::NodeId directory, const vfs::NewNode& what) {
  constexpr const char* kOperation = "create";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin_parent(directory, kOperation));
  SEABAG_TRY(state_->tree.check_writable(kOperation));
  if (what.type != vfs::FileType::regular) {
    return errno_error(EINVAL, kOperation);
  }
  Descriptor made(uninterrupted([&] {
    return ::openat(pinned.descriptor, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, what.mode & 0777U);
  }));
  if (!made.is_open()) {
    return errno_error(errno, kOperation);
  }
  const Status status = SEABAG_TRY(settle(made.get(), pinned.descriptor, what, kOperation));
  const vfs::NodeId node = state_->tree.nodes().see_nameless(status);
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<DirectoryFile>(
      state_->tree, node, std::move(made), NodeTable::Opened::writing));
}

Result<std::unique_ptr<vfs::WritableFile>> DirectoryFileSystem::open_writable(vfs::NodeId node) {
  constexpr const char* kOperation = "open";
  const auto writable = state_->tree.check_writable(kOperation);
  if (!writable) {
    SEABAG_TRY(state_->tree.pin(node, kOperation));
    return writable.error();
  }
  auto content = SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::write, kOperation));
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<DirectoryFile>(
      state_->tree, node, std::move(content.descriptor), NodeTable::Opened::writing));
}

Result<vfs::Attributes> DirectoryFileSystem::link(vfs::NodeId node, vfs::NodeId parent,
                                                  std::string_view name) {
  constexpr const char* kOperation = "link";
  SEABAG_TRY(vfs::check_name(name, kOperation));
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, kOperation));
  const Pinned directory = SEABAG_TRY(state_->tree.pin_parent(parent, kOperation));
  SEABAG_TRY(state_->check_writable(directory.descriptor, name, State::Needs::free, kOperation));
  const vfs::Attributes& is = pinned.status.attributes;
  if (is.type == vfs::FileType::directory || (is.links > 0 && !state_->capabilities.hard_links)) {
    return errno_error(EPERM, kOperation);
  }
  if (pinned.is_lost && is.links > 0) {
    return errno_error(ESTALE, kOperation);  // it may have gone outside
  }
  const std::string entry(name);
  auto linked = give_name(pinned.descriptor, directory.descriptor, entry.c_str(), kOperation);
  if (!linked && linked.error().is(std::errc::operation_not_supported)) {
    linked = state_->tree.link_by_name(node, directory.descriptor, entry.c_str(), kOperation);
  }
  SEABAG_TRY(std::move(linked));
  const Status status =
      SEABAG_TRY(state_->tree.look_up(directory.descriptor, parent, name, kOperation));
  return status.attributes;
}

}  // namespace seabag::providers
