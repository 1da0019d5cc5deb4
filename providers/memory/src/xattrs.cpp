#include <mutex>

#include "file_system.h"

namespace seabag::providers {

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
  SEABAG_TRY(vfs::check_xattr_value(found->type, name, value, "setxattr"));
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
