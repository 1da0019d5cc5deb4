#include <mutex>
#include <shared_mutex>

#include "file_system.h"

namespace seabag::providers {

Result<std::string> MemoryFileSystem::xattr(vfs::NodeId node, std::string_view name) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = SEABAG_TRY(existing(node, "getxattr"));
  const std::shared_lock lock(found->mutex);
  if (found->xattrs != nullptr) {
    if (const auto value = found->xattrs->find(name); value != found->xattrs->end()) {
      return value->second;
    }
  }
  return make_error(kNoAttribute, "getxattr");
}

Result<std::vector<std::string>> MemoryFileSystem::xattrs(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = SEABAG_TRY(existing(node, "listxattr"));
  const std::shared_lock lock(found->mutex);
  std::vector<std::string> names;
  if (found->xattrs == nullptr) {
    return names;
  }
  names.reserve(found->xattrs->size());
  for (const auto& [name, value] : *found->xattrs) {
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
  if (found->xattrs == nullptr) {
    found->xattrs = std::make_unique<Node::Xattrs>();
  }
  Node::Xattrs& all = *found->xattrs;
  const auto old = all.find(name);
  const bool is_there = old != all.end();
  if (is_there && mode == vfs::XattrMode::create) {
    return make_error(std::errc::file_exists, "setxattr");
  }
  if (!is_there && mode == vfs::XattrMode::replace) {
    return make_error(kNoAttribute, "setxattr");
  }
  Share& owner = accounts_.of(found->uid).bytes;
  const std::errc obstacle = owner.take(name.size() + value.size());
  if (obstacle != std::errc()) {
    return make_error(obstacle, "setxattr");
  }
  if (is_there) {
    owner.give_back(name.size() + old->second.size());
    old->second = value;
  } else {
    all.emplace(name, value);
  }
  found->changed = now();
  return {};
}

Result<void> MemoryFileSystem::remove_xattr(vfs::NodeId node, std::string_view name) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "removexattr"));
  const std::unique_lock lock(found->mutex);
  if (found->xattrs == nullptr) {
    return make_error(kNoAttribute, "removexattr");
  }
  const auto old = found->xattrs->find(name);
  if (old == found->xattrs->end()) {
    return make_error(kNoAttribute, "removexattr");
  }
  accounts_.of(found->uid).bytes.give_back(name.size() + old->second.size());
  found->xattrs->erase(old);
  found->changed = now();
  return {};
}

}  // namespace seabag::providers
