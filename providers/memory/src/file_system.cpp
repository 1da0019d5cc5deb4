#include "file_system.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "file.h"
#include "seabag/vfs/path.h"

namespace seabag::providers {
namespace {

using vfs::FileType;

std::uint64_t memory_pages() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  return pages > 0 ? static_cast<std::uint64_t>(pages) : std::uint64_t{1} << 20;
}

std::uint64_t default_capacity() {
  const long page_size = sysconf(_SC_PAGESIZE);
  return memory_pages() / 2 * static_cast<std::uint64_t>(page_size);
}

}  // namespace

std::unique_ptr<vfs::WritableFileSystem> make_memory_file_system(MemoryOptions options) {
  return std::make_unique<MemoryFileSystem>(std::move(options));
}

MemoryFileSystem::MemoryFileSystem(MemoryOptions options)
    : clock_(options.clock ? std::move(options.clock) : vfs::Clock(vfs::system_now)),
      access_times_(options.access_times),
      accounts_(
          {.bytes = options.capacity_bytes.value_or(default_capacity()),
           .nodes = std::max<std::uint64_t>(options.max_nodes.value_or(memory_pages() / 2), 1),
           .user_bytes = options.user_capacity_bytes,
           .user_nodes = options.user_max_nodes}) {
  auto root = std::make_unique<Node>(vfs::kRootNode, FileType::directory);
  root->mode = options.root_mode & vfs::kModeBits;
  root->uid = options.root_uid;
  root->gid = options.root_gid;
  root->links = 2;
  root->set_all_times(now());
  root->directory = std::make_unique<Directory>();
  (void)accounts_.of(0).nodes.take(1);  // there is at least one, and user 0 has no quota
  nodes_.add(std::move(root));
}

const vfs::Capabilities& MemoryFileSystem::capabilities() const {
  static constexpr vfs::Capabilities kCapabilities{
      .hard_links = true,
      .extended_attributes = true,
      .persistent_nodes = false,
      .sparse_files = true,
      .special_files = true,
      .immutable = false,
  };
  return kCapabilities;
}

Node* MemoryFileSystem::find(vfs::NodeId id) const {
  return nodes_.find(static_cast<std::uint64_t>(id));
}

Result<Node*> MemoryFileSystem::existing(vfs::NodeId id, const char* operation) const {
  Node* node = find(id);
  if (node == nullptr) {
    return make_error(kStaleNode, operation);
  }
  return node;
}

Result<Node*> MemoryFileSystem::existing_directory(vfs::NodeId id, const char* operation) const {
  Node* node = SEABAG_TRY(existing(id, operation));
  if (!node->is_directory()) {
    return make_error(std::errc::not_a_directory, operation);
  }
  return node;
}

Result<Node*> MemoryFileSystem::openable(vfs::NodeId id, const char* operation) const {
  Node* node = SEABAG_TRY(existing(id, operation));
  SEABAG_TRY(vfs::check_openable(node->type, operation));
  return node;
}

Result<vfs::Attributes> MemoryFileSystem::lookup(vfs::NodeId parent, std::string_view name) {
  if (!vfs::is_valid_name(name)) {
    return vfs::check_name(name, "lookup").error();
  }
  const ShardedMutex::Shared tree_lock(tree_);
  Node* directory = find(parent);
  if (directory == nullptr || !directory->is_directory()) {
    return existing_directory(parent, "lookup").error();
  }
  const Entries::Entry* entry = directory->directory->entries.find(name);
  if (entry == nullptr) {
    return make_error(std::errc::no_such_file_or_directory, "lookup");
  }
  return entry->node->read_attributes();
}

Result<vfs::Attributes> MemoryFileSystem::attributes(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = SEABAG_TRY(existing(node, "stat"));
  return found->read_attributes();
}

Result<std::unique_ptr<vfs::File>> MemoryFileSystem::open(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(openable(node, "open"));
  found->opens.fetch_add(1, std::memory_order_relaxed);
  return std::unique_ptr<vfs::File>(std::make_unique<MemoryFile>(*this, *found));
}

Result<std::unique_ptr<vfs::WritableFile>> MemoryFileSystem::open_writable(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(openable(node, "open"));
  found->opens.fetch_add(1, std::memory_order_relaxed);
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<MemoryFile>(*this, *found));
}

void MemoryFileSystem::close(Node& node) {
  const vfs::NodeId id = node.id;
  {
    // A removal that is under way has either seen this close or is seen by it.
    const ShardedMutex::Shared tree_lock(tree_);
    if (node.opens.fetch_sub(1, std::memory_order_acq_rel) > 1 || node.links > 0) {
      return;
    }
  }
  // From here on somebody else may take the node away, so it is looked up again.
  const std::lock_guard tree_lock(tree_);
  Node* found = find(id);
  if (found != nullptr) {
    forget_if_unused(*found);
  }
}

Result<std::vector<vfs::DirectoryEntry>> MemoryFileSystem::list(vfs::NodeId directory,
                                                                std::uint64_t cookie,
                                                                std::size_t limit) {
  std::vector<vfs::DirectoryEntry> rows;
  const ShardedMutex::Shared tree_lock(tree_);
  Node* node = SEABAG_TRY(existing_directory(directory, "list"));
  const Entries& entries = node->directory->entries;
  const std::size_t wanted = std::max<std::size_t>(limit, 1);
  for (const auto* entry = entries.after(cookie); entry != nullptr && rows.size() < wanted;
       entry = entries.next(*entry)) {
    const Node& child = *entry->node;
    rows.push_back({.name = entry->name,
                    .node = child.id,
                    .inode = static_cast<std::uint64_t>(child.id),
                    .type = child.type,
                    .cookie = entry->cookie});
  }
  touch_if_due(*node);
  return rows;
}

Result<std::string> MemoryFileSystem::read_link(vfs::NodeId node) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "readlink"));
  if (found->type != FileType::symlink) {
    return make_error(std::errc::invalid_argument, "readlink");
  }
  touch_if_due(*found);
  return *found->target;
}

Result<vfs::Statistics> MemoryFileSystem::statistics() {
  return vfs::Statistics{
      .block_size = static_cast<std::uint32_t>(Content::kPartSize),
      .blocks = accounts_.bytes().limit() / Content::kPartSize,
      .blocks_free = accounts_.bytes().left() / Content::kPartSize,
      .nodes = accounts_.nodes().limit(),
      .nodes_free = accounts_.nodes().left(),
  };
}

Result<vfs::Attributes> MemoryFileSystem::set_attributes(vfs::NodeId node,
                                                         const vfs::AttributeChanges& changes) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = SEABAG_TRY(existing(node, "setattr"));
  if (changes.size) {
    SEABAG_TRY(vfs::check_resizable(found->type, "truncate"));
  }
  if (changes.size.value_or(0) > Content::kMaxSize) {
    return make_error(std::errc::file_too_large, "truncate");
  }
  const std::unique_lock lock(found->mutex);
  if (vfs::is_empty(changes)) {
    return found->attributes();
  }
  SEABAG_TRY(change_owner(*found, changes.uid.value_or(found->uid)));
  const vfs::Timestamp present = now();
  if (changes.size) {
    // Like tmpfs: truncate(2) to the size it has moves no time of a file without any page.
    const bool is_same =
        found->content->size() == *changes.size && found->content->allocated() == 0;
    found->content->resize(*changes.size);
    if (is_same && vfs::is_size_only(changes)) {
      return found->attributes();
    }
    if (!is_same) {
      found->modified = present;
    }
  }
  if (changes.clear_set_id) {
    found->mode = vfs::without_set_id(found->type, found->mode);
  }
  if (changes.mode) {
    found->mode = *changes.mode & vfs::kModeBits;
  }
  found->gid = changes.gid.value_or(found->gid);
  if (changes.accessed) {
    found->accessed = changes.accessed->moment.value_or(present);
  }
  if (changes.modified) {
    found->modified = changes.modified->moment.value_or(present);
  }
  found->changed = present;
  return found->attributes();
}

Result<void> MemoryFileSystem::change_owner(Node& node, std::uint32_t uid) {
  Account& from = accounts_.of(node.uid);
  Account& to = accounts_.of(uid);
  if (&from != &to) {
    const std::uint64_t bytes = node.charged();
    if (!to.bytes.take_over(bytes, from.bytes)) {
      return make_error(kQuotaExceeded, "chown");
    }
    if (!to.nodes.take_over(1, from.nodes)) {
      (void)from.bytes.take_over(bytes, to.bytes);  // which it had a moment ago
      return make_error(kQuotaExceeded, "chown");
    }
    if (node.content) {
      node.content->set_owner(to.bytes);
    }
  }
  node.uid = uid;
  return {};
}

Result<void> MemoryFileSystem::sync() { return {}; }

bool MemoryFileSystem::is_access_due(const Node& node) const {
  if (access_times_ == vfs::AccessTimes::never) {
    return false;
  }
  return vfs::is_access_due(access_times_, {node.accessed, node.modified, node.changed}, now());
}

void MemoryFileSystem::touch_if_due(Node& node) {
  bool is_due = false;
  {
    const std::shared_lock lock(node.mutex);
    is_due = is_access_due(node);
  }
  if (is_due) {
    touch_accessed(node);
  }
}

void MemoryFileSystem::touch_accessed(Node& node) {
  const std::unique_lock lock(node.mutex);
  node.accessed = now();
}

}  // namespace seabag::providers
