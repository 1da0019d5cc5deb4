#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>
#include <utility>

#include "posix_object.h"
#include "seabag/vfs/rules.h"
#include "state.h"

namespace seabag::providers {
namespace {

constexpr std::string_view kUserPrefix = "user.";
/// All names of a node together have at most so many bytes (XATTR_LIST_MAX).
constexpr std::size_t kMaxXattrNames = 65536;

/// Whether a node can be opened, and so have attributes of `user.*`.
bool has_content(vfs::FileType type) {
  return type == vfs::FileType::regular || type == vfs::FileType::directory;
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
  SEABAG_TRY(vfs::check_resizable(type, kOperation));
  const auto content = SEABAG_TRY(tree.open_content(node, Tree::Wanted::size, kOperation));
  // truncate(2) leaves mtime alone where the size stays, ftruncate(2) does not.
  const std::string self = "/proc/self/fd/" + std::to_string(content.descriptor.get());
  if (size <= static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) &&
      ::truncate(self.c_str(), static_cast<off_t>(size)) == 0) {
    return {};
  }
  return set_size(content.descriptor.get(), size, kOperation);
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
    SEABAG_TRY(change_mode(tree, node, pinned, *changes.mode & vfs::kModeBits));
  } else if (changes.clear_set_id) {
    const Status status = SEABAG_TRY(status_of(pinned.descriptor, "chmod"));
    const std::uint32_t mode = vfs::without_set_id(status.attributes.type, status.attributes.mode);
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
  if (!vfs::check_xattr_name(pinned.status.attributes.type, name, kOperation)) {
    return errno_error(ENODATA, kOperation);  // nothing else exists here
  }
  const auto content =
      SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::metadata, kOperation));
  std::string value(vfs::kMaxXattrValueSize, '\0');
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
    if (name.starts_with(kUserPrefix)) {
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
  SEABAG_TRY(vfs::check_xattr_value(pinned.status.attributes.type, name, value, kOperation));
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
  SEABAG_TRY(vfs::check_xattr_name(pinned.status.attributes.type, name, kOperation));
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
