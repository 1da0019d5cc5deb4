#include "file.h"
#include "file_system.h"

/// Whole paths: one lock for all names, and no way from a node to its number and back.
namespace seabag::providers {

using vfs::FileType;

Node* MemoryFileSystem::find_path(std::string_view path) const {
  Node* node = find(vfs::kRootNode);
  for (std::size_t begin = 0; begin <= path.size();) {
    if (!node->is_directory()) {
      return nullptr;
    }
    std::size_t end = begin;
    while (end < path.size() && path[end] != '/') {
      ++end;
    }
    const auto* entry = node->directory->entries.find(path.substr(begin, end - begin));
    if (entry == nullptr) {
      return nullptr;
    }
    node = entry->node;
    begin = end + 1;
  }
  return node;
}

std::unique_ptr<vfs::File> MemoryFileSystem::open_path(std::string_view path) {
  const ShardedMutex::Shared tree_lock(tree_);
  Node* found = find_path(path);
  if (found == nullptr || found->type != FileType::regular) {
    return nullptr;
  }
  found->opens.fetch_add(1, std::memory_order_relaxed);
  return std::make_unique<MemoryFile>(*this, *found);
}

Result<vfs::Attributes> MemoryFileSystem::path_attributes(std::string_view path) {
  const ShardedMutex::Shared tree_lock(tree_);
  const Node* found = find_path(path);
  if (found == nullptr || found->type == FileType::symlink) {
    return make_error(std::errc::no_such_file_or_directory, "stat");
  }
  return found->read_attributes();
}

}  // namespace seabag::providers
