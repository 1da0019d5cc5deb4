#include <mutex>

#include "file_system.h"

namespace seabag::providers {
namespace {

constexpr std::size_t kMaxXattrName = 255;
constexpr std::size_t kMaxXattrValue = 65536;
constexpr std::string_view kUserPrefix = "user.";

/// The order of the kernel's own checks (setxattr(2), xattr(7)).
Result<void> check_change(const Node& node, std::string_view name, const char* operation) {
  if (name.empty() || name.size() > kMaxXattrName) {
    return make_error(std::errc::result_out_of_range, operation, {},
                      "an attribute's name has 1 to 255 bytes");
  }
  if (!name.starts_with(kUserPrefix)) {
    return make_error(std::errc::operation_not_supported, operation, {},
                      "only user.* attributes are kept");
  }
  if (name.size() == kUserPrefix.size() || name.find('\0') != std::string_view::npos) {
    return make_error(std::errc::invalid_argument, operation);
  }
  if (node.type != vfs::FileType::regular && !node.is_directory()) {
    return make_error(std::errc::operation_not_permitted, operation, {},
                      "only files and directories have user.* attributes");
  }
  return {};
}

}  // namespace

Result<std::string> MemoryFileSystem::xattr(vfs::NodeId node, std::string_view name) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = SEABAG_TRY(existing(node, "getxattr"));
  const std::shared_lock lock(found->mutex);
  const auto value = found->xattrs.find(name);
  if (value == found->xattrs.end()) {
    return make_error(kNoAttribute, "getxattr");
  }
  return value->second;
}

Result<std::vector<std::string>> MemoryFileSystem::xattrs(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = SEABAG_TRY(existing(node, "listxattr"));
  const std::shared_lock lock(found->mutex);
  std::vector<std::string> names;
  names.reserve(found->xattrs.size());
  for (const auto& [name, value] : found->xattrs) {
    names.push_back(name);
  }
  return names;
}

Result<void> MemoryFileSystem::set_xattr(vfs::NodeId node, std::string_view name,
                                         std::string_view value, vfs::XattrMode mode) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "setxattr"));
  SEABAG_TRY(check_change(*found, name, "setxattr"));
  if (value.size() > kMaxXattrValue) {
    return make_error(std::errc::argument_list_too_long, "setxattr", {},
                      "an attribute's value has at most 65536 bytes");
  }
  const std::unique_lock lock(found->mutex);
  const auto old = found->xattrs.find(name);
  const bool is_there = old != found->xattrs.end();
  if (is_there && mode == vfs::XattrMode::create) {
    return make_error(std::errc::file_exists, "setxattr");
  }
  if (!is_there && mode == vfs::XattrMode::replace) {
    return make_error(kNoAttribute, "setxattr");
  }
  if (!space_.take(name.size() + value.size())) {
    return make_error(std::errc::no_space_on_device, "setxattr");
  }
  if (is_there) {
    space_.give_back(name.size() + old->second.size());
    old->second = value;
  } else {
    found->xattrs.emplace(name, value);
  }
  found->changed = now();
  return {};
}

Result<void> MemoryFileSystem::remove_xattr(vfs::NodeId node, std::string_view name) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "removexattr"));
  const std::unique_lock lock(found->mutex);
  const auto old = found->xattrs.find(name);
  if (old == found->xattrs.end()) {
    return make_error(kNoAttribute, "removexattr");
  }
  space_.give_back(name.size() + old->second.size());
  found->xattrs.erase(old);
  found->changed = now();
  return {};
}

}  // namespace seabag::providers
