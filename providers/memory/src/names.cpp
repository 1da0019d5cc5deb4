#include <mutex>

#include "file.h"
#include "file_system.h"
#include "seabag/vfs/path.h"

namespace seabag::providers {
using vfs::FileType;

Result<Node*> MemoryFileSystem::parent_for(vfs::NodeId id, const char* operation) const {
  Node* node = find(id);
  if (node == nullptr) {
    return make_error(std::errc::no_such_file_or_directory, operation, {},
                      "the directory was removed");
  }
  if (!node->is_directory()) {
    return make_error(std::errc::not_a_directory, operation);
  }
  return node;
}

Result<Node*> MemoryFileSystem::make_node(const vfs::NewNode& what, const Node& parent,
                                          const char* operation) {
  Account& account = accounts_.of(what.uid);
  if (const std::errc obstacle = account.nodes.take(1); obstacle != std::errc()) {
    return make_error(obstacle, operation, {}, "all nodes are taken");
  }
  auto node = std::make_unique<Node>(vfs::NodeId{nodes_.next_id()}, what.type);
  const vfs::NewOwner owner = vfs::inherit_group(what, parent.mode, parent.gid);
  node->mode = owner.mode;
  node->uid = what.uid;
  node->gid = owner.gid;
  node->set_all_times(now());
  if (what.type == FileType::regular) {
    node->content = std::make_unique<Content>(account.bytes);
  } else if (what.type == FileType::directory) {
    node->directory = std::make_unique<Directory>();
  } else if (what.type == FileType::symlink) {
    node->target = std::make_unique<const std::string>(what.target);
  } else if (what.type == FileType::character_device || what.type == FileType::block_device) {
    node->device = what.device;
  }
  return &nodes_.add(std::move(node));
}

Result<vfs::Attributes> MemoryFileSystem::create(vfs::NodeId parent, std::string_view name,
                                                 const vfs::NewNode& what) {
  if (what.type == FileType::symlink) {
    SEABAG_TRY(vfs::check_link_target(what.target, "symlink"));
  }
  SEABAG_TRY(vfs::check_name(name, "create"));
  const std::lock_guard tree_lock(tree_);
  Node* directory = SEABAG_TRY(parent_for(parent, "create"));
  if (directory->directory->entries.find(name) != nullptr) {
    return make_error(std::errc::file_exists, "create");
  }
  Node* node = SEABAG_TRY(make_node(what, *directory, "create"));
  node->links = node->is_directory() ? 2 : 1;
  if (node->is_directory()) {
    node->directory->parent = directory;
    add_links(*directory, 1, node->created);
  }
  directory->directory->entries.insert(name, *node);
  touch_directory(*directory, node->created);
  return node->attributes();
}

Result<std::unique_ptr<vfs::WritableFile>> MemoryFileSystem::create_unnamed(
    vfs::NodeId directory, const vfs::NewNode& what) {
  if (what.type != FileType::regular) {
    return make_error(std::errc::invalid_argument, "create", {},
                      "only regular files can be without a name");
  }
  const std::lock_guard tree_lock(tree_);
  const Node* parent = SEABAG_TRY(parent_for(directory, "create"));
  Node* node = SEABAG_TRY(make_node(what, *parent, "create"));
  node->is_unnamed = true;
  node->opens.store(1, std::memory_order_relaxed);
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<MemoryFile>(*this, *node));
}

Result<vfs::Attributes> MemoryFileSystem::link(vfs::NodeId node, vfs::NodeId parent,
                                               std::string_view name) {
  SEABAG_TRY(vfs::check_name(name, "link"));
  const std::lock_guard tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "link"));
  Node* directory = SEABAG_TRY(parent_for(parent, "link"));
  if (directory->directory->entries.find(name) != nullptr) {
    return make_error(std::errc::file_exists, "link");
  }
  if (found->is_directory()) {
    return make_error(std::errc::operation_not_permitted, "link", {},
                      "a directory has one name only");
  }
  if (found->links == 0 && !found->is_unnamed) {
    return make_error(std::errc::no_such_file_or_directory, "link", {}, "the file was removed");
  }
  found->is_unnamed = false;
  const vfs::Timestamp present = now();
  add_links(*found, 1, present);
  directory->directory->entries.insert(name, *found);
  touch_directory(*directory, present);
  return found->read_attributes();
}

Result<void> MemoryFileSystem::remove(vfs::NodeId parent, std::string_view name,
                                      vfs::RemoveKind kind) {
  const bool is_rmdir = kind == vfs::RemoveKind::directory;
  const char* operation = is_rmdir ? "rmdir" : "unlink";
  SEABAG_TRY(vfs::check_name(name, operation));
  const std::lock_guard tree_lock(tree_);
  Node* directory = SEABAG_TRY(parent_for(parent, operation));
  const Entries::Entry* entry = directory->directory->entries.find(name);
  if (entry == nullptr) {
    return make_error(std::errc::no_such_file_or_directory, operation);
  }
  Node* node = entry->node;
  if (is_rmdir != node->is_directory()) {
    return make_error(is_rmdir ? std::errc::not_a_directory : std::errc::is_a_directory, operation);
  }
  if (is_rmdir && !node->directory->entries.is_empty()) {
    return make_error(std::errc::directory_not_empty, operation);
  }
  const vfs::Timestamp present = now();
  directory->directory->entries.erase(name);
  if (is_rmdir) {
    add_links(*directory, -1, present);
  }
  touch_directory(*directory, present);
  unlink_node(*node, present);
  return {};
}

void MemoryFileSystem::unlink_node(Node& node, vfs::Timestamp when) {
  add_links(node, node.is_directory() ? -2 : -1, when);
  forget_if_unused(node);
}

void MemoryFileSystem::forget_if_unused(Node& node) {
  if (node.links == 0 && node.opens.load(std::memory_order_acquire) == 0) {
    Account& account = accounts_.of(node.uid);
    account.bytes.give_back(node.charged() - (node.content ? node.content->charged() : 0));
    account.nodes.give_back(1);
    nodes_.erase(static_cast<std::uint64_t>(node.id));
  }
}

void MemoryFileSystem::touch_directory(Node& directory, vfs::Timestamp when) {
  const std::unique_lock lock(directory.mutex);
  directory.modified = when;
  directory.changed = when;
}

void MemoryFileSystem::touch_changed(Node& node, vfs::Timestamp when) {
  const std::unique_lock lock(node.mutex);
  node.changed = when;
}

void MemoryFileSystem::add_links(Node& node, std::int64_t count, vfs::Timestamp when) {
  const std::unique_lock lock(node.mutex);
  node.links = static_cast<std::uint32_t>(node.links + count);
  node.changed = when;
}

}  // namespace seabag::providers
