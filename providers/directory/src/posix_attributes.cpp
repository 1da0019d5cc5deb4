#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "posix_file.h"
#include "posix_object.h"
#include "state.h"

namespace seabag::providers {
namespace {

constexpr std::string_view kUserSpace = "user.";
/// Limits of the kernel (linux/limits.h): one value, and all names of a node.
constexpr std::size_t kMaxXattrValue = 65536;
constexpr std::size_t kMaxXattrNames = 65536;

/// Whether a node can be opened, and so have attributes of `user.*`.
bool has_content(vfs::FileType type) {
  return type == vfs::FileType::regular || type == vfs::FileType::directory;
}

Result<void> check_xattr_name(std::string_view name, const char* operation) {
  if (name.empty() || name.size() > vfs::kMaxNameLength) {
    return errno_error(ERANGE, operation);
  }
  if (!name.starts_with(kUserSpace)) {
    return make_error(std::errc::operation_not_supported, operation, {},
                      "only attributes named user.* are kept");
  }
  if (name.size() == kUserSpace.size() || name.find('\0') != std::string_view::npos) {
    return errno_error(EINVAL, operation);
  }
  return {};
}

int xattr_flags(vfs::XattrMode mode) {
  switch (mode) {
    case vfs::XattrMode::create:
      return XATTR_CREATE;
    case vfs::XattrMode::replace:
      return XATTR_REPLACE;
    default:
      return 0;
  }
}

Result<void> resize(Tree& tree, vfs::NodeId node, vfs::FileType type, std::uint64_t size) {
  constexpr const char* kOperation = "truncate";
  if (type == vfs::FileType::directory) {
    return errno_error(EISDIR, kOperation);
  }
  if (type != vfs::FileType::regular) {
    return errno_error(EINVAL, kOperation);
  }
  auto content = SEABAG_TRY(tree.open_content(node, Tree::Wanted::write, kOperation));
  DirectoryFile file(tree, node, std::move(content.descriptor), NodeTable::Opened::writing);
  return file.resize(size);
}

/// The mode that a change of content or owner leaves: an executable loses setuid, and setgid where
/// that is not the mark of mandatory locking (inode(7)).
std::uint32_t without_set_id(const vfs::Attributes& is) {
  if (is.type == vfs::FileType::directory) {
    return is.mode;
  }
  const std::uint32_t lost = (is.mode & S_IXGRP) != 0 ? S_ISUID | S_ISGID : S_ISUID;
  return is.mode & ~lost;
}

/// Runs `change(descriptor)` on a pinned node. Where that takes fchmodat2, AT_EMPTY_PATH or /proc
/// and none is there, the descriptor must not be an O_PATH one, which needs permission to read.
template <typename Change>
Result<void> change_object(Tree& tree, vfs::NodeId node, const Pinned& pinned,
                           const char* operation, Change change) {
  auto changed = change(pinned.descriptor);
  if (changed || !changed.error().is(std::errc::operation_not_supported) ||
      !has_content(pinned.status.attributes.type)) {
    return changed;
  }
  const auto content = SEABAG_TRY(tree.open_content(node, Tree::Wanted::metadata, operation));
  return change(content.descriptor.get());
}

Result<void> change_mode(Tree& tree, vfs::NodeId node, const Pinned& pinned, std::uint32_t mode) {
  return change_object(tree, node, pinned, "chmod",
                       [&](int object) { return set_mode(object, mode, "chmod"); });
}

Result<void> apply(Tree& tree, vfs::NodeId node, const Pinned& pinned,
                   const vfs::AttributeChanges& changes) {
  if (changes.size) {
    SEABAG_TRY(resize(tree, node, pinned.status.attributes.type, *changes.size));
  }
  if (changes.uid || changes.gid) {
    SEABAG_TRY(set_owner(pinned.descriptor, changes.uid, changes.gid, "chown"));
  }
  if (changes.mode) {
    SEABAG_TRY(change_mode(tree, node, pinned, *changes.mode & 07777U));
  } else if (changes.clear_set_id) {
    const Status status = SEABAG_TRY(status_of(pinned.descriptor, "chmod"));
    const std::uint32_t mode = without_set_id(status.attributes);
    if (mode != status.attributes.mode) {
      SEABAG_TRY(change_mode(tree, node, pinned, mode));
    }
  }
  if (changes.accessed || changes.modified) {
    SEABAG_TRY(change_object(tree, node, pinned, "utimens", [&](int object) {
      return set_times(object, changes.accessed, changes.modified, "utimens");
    }));
  }
  return {};
}

}  // namespace

Result<vfs::Attributes> DirectoryFileSystem::set_attributes(vfs::NodeId node,
                                                            const vfs::AttributeChanges& changes) {
  constexpr const char* kOperation = "setattr";
  Tree& tree = state_->tree;
  const Pinned pinned = SEABAG_TRY(tree.pin(node, kOperation));
  SEABAG_TRY(tree.check_writable(kOperation));
  SEABAG_TRY(tree.check_links(pinned.status, Tree::Wanted::write, kOperation));
  SEABAG_TRY(apply(tree, node, pinned, changes));
  Status after = SEABAG_TRY(status_of(pinned.descriptor, kOperation));
  after.attributes.node = node;
  return after.attributes;
}

Result<std::string> DirectoryFileSystem::xattr(vfs::NodeId node, std::string_view name) {
  constexpr const char* kOperation = "getxattr";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, kOperation));
  auto checked = check_xattr_name(name, kOperation);
  if (!has_content(pinned.status.attributes.type) ||
      (!checked && checked.error().is(std::errc::operation_not_supported))) {
    return errno_error(ENODATA, kOperation);
  }
  SEABAG_TRY(std::move(checked));
  const auto content =
      SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::metadata, kOperation));
  std::string value(kMaxXattrValue, '\0');
  const ssize_t length =
      ::fgetxattr(content.descriptor.get(), std::string(name).c_str(), value.data(), value.size());
  if (length < 0) {
    return errno_error(errno, kOperation);
  }
  value.resize(static_cast<std::size_t>(length));
  value.shrink_to_fit();
  return value;
}

Result<std::vector<std::string>> DirectoryFileSystem::xattrs(vfs::NodeId node) {
  constexpr const char* kOperation = "listxattr";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, kOperation));
  std::vector<std::string> found;
  if (!has_content(pinned.status.attributes.type)) {
    return found;
  }
  const auto content =
      SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::metadata, kOperation));
  std::string names(kMaxXattrNames, '\0');
  const ssize_t length = ::flistxattr(content.descriptor.get(), names.data(), names.size());
  if (length < 0) {
    return errno == EOPNOTSUPP ? Result(std::move(found))
                               : Result<std::vector<std::string>>(errno_error(errno, kOperation));
  }
  names.resize(static_cast<std::size_t>(length));
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find('\0', begin), names.size());
    std::string name = names.substr(begin, end - begin);
    if (name.starts_with(kUserSpace)) {
      found.push_back(std::move(name));
    }
    begin = end + 1;
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> DirectoryFileSystem::set_xattr(vfs::NodeId node, std::string_view name,
                                            std::string_view value, vfs::XattrMode mode) {
  constexpr const char* kOperation = "setxattr";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, kOperation));
  SEABAG_TRY(state_->tree.check_writable(kOperation));
  SEABAG_TRY(check_xattr_name(name, kOperation));
  if (value.size() > kMaxXattrValue) {
    return errno_error(E2BIG, kOperation);
  }
  if (!has_content(pinned.status.attributes.type)) {
    return errno_error(EPERM, kOperation);
  }
  SEABAG_TRY(state_->tree.check_links(pinned.status, Tree::Wanted::write, kOperation));
  const auto content =
      SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::metadata, kOperation));
  if (::fsetxattr(content.descriptor.get(), std::string(name).c_str(), value.data(), value.size(),
                  xattr_flags(mode)) != 0) {
    return errno_error(errno, kOperation);
  }
  return {};
}

Result<void> DirectoryFileSystem::remove_xattr(vfs::NodeId node, std::string_view name) {
  constexpr const char* kOperation = "removexattr";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, kOperation));
  SEABAG_TRY(state_->tree.check_writable(kOperation));
  SEABAG_TRY(check_xattr_name(name, kOperation));
  if (!has_content(pinned.status.attributes.type)) {
    return errno_error(EPERM, kOperation);
  }
  SEABAG_TRY(state_->tree.check_links(pinned.status, Tree::Wanted::write, kOperation));
  const auto content =
      SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::metadata, kOperation));
  if (::fremovexattr(content.descriptor.get(), std::string(name).c_str()) != 0) {
    return errno_error(errno, kOperation);
  }
  return {};
}

Result<void> DirectoryFileSystem::sync() {
  const Descriptor root(::openat(state_->tree.root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open() || ::syncfs(root.get()) != 0) {
    return errno_error(errno, "sync");
  }
  return {};
}

}  // namespace seabag::providers
