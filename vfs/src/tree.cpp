#include "seabag/vfs/tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "node_copy.h"

namespace seabag::vfs {
namespace {

constexpr std::size_t kListBatch = 1024;

/// Removing what is gone already is no error here.
Result<void> remove_present(WritableFileSystem& file_system, NodeId parent, std::string_view name,
                            RemoveKind kind) {
  auto removed = file_system.remove(parent, name, kind);
  if (!removed && removed.error().is(std::errc::no_such_file_or_directory)) {
    return {};
  }
  return removed;
}

struct Doomed {
  NodeId parent;
  std::string name;
  NodeId self;
};

/// One run of copy_tree.
class TreeCopy {
 public:
  TreeCopy(FileSystem& from, WritableFileSystem& to) : from_(from), to_(to) {}

  Result<void> run(NodeId source, NodeId destination) {
    pending_.push_back({source, destination});
    while (!pending_.empty()) {
      const Pair directory = pending_.back();
      pending_.pop_back();
      SEABAG_TRY(copy_entries(directory));
    }
    // Making entries has changed the times of their directories, so these come last.
    for (const auto& [node, attributes] : directories_) {
      SEABAG_TRY(copy_attributes(attributes, node));
    }
    return {};
  }

 private:
  struct Pair {
    NodeId source;
    NodeId destination;
  };

  Result<void> copy_entries(const Pair& directory) {
    std::uint64_t cookie = 0;
    while (true) {
      const auto batch = SEABAG_TRY(from_.list(directory.source, cookie, kListBatch));
      if (batch.empty()) {
        return {};
      }
      for (const DirectoryEntry& entry : batch) {
        SEABAG_TRY(copy_entry(entry, directory.destination));
      }
      cookie = batch.back().cookie;
    }
  }

  Result<void> copy_entry(const DirectoryEntry& entry, NodeId parent) {
    const Attributes attributes = SEABAG_TRY(from_.attributes(entry.node));
    const bool is_directory = attributes.type == FileType::directory;
    if (!is_directory && attributes.links > 1 && to_.capabilities().hard_links) {
      if (const auto made = linked_.find(entry.node); made != linked_.end()) {
        (void)SEABAG_TRY(to_.link(made->second, parent, entry.name));
        return {};
      }
    }
    const NodeId made = SEABAG_TRY(create_like(from_, attributes, to_, parent, entry.name)).node;
    if (attributes.links > 1 && !is_directory) {
      linked_.emplace(entry.node, made);
    }
    SEABAG_TRY(copy_xattrs(from_, attributes, to_, made));
    if (is_directory) {
      pending_.push_back({entry.node, made});
      directories_.emplace_back(made, attributes);
      return {};
    }
    if (attributes.type == FileType::regular) {
      const auto in = SEABAG_TRY(from_.open(attributes.node));
      const auto out = SEABAG_TRY(to_.open_writable(made));
      SEABAG_TRY(copy_content(*in, *out));
    }
    return copy_attributes(attributes, made);
  }

  Result<void> copy_attributes(const Attributes& source, NodeId made) {
    (void)SEABAG_TRY(to_.set_attributes(made, changes_to(source)));
    return {};
  }

  FileSystem& from_;
  WritableFileSystem& to_;
  std::vector<Pair> pending_;
  std::vector<std::pair<NodeId, Attributes>> directories_;
  std::unordered_map<NodeId, NodeId> linked_;
};

}  // namespace

Result<void> remove_tree(WritableFileSystem& file_system, NodeId parent, std::string_view name) {
  const Attributes top = SEABAG_TRY(file_system.lookup(parent, name));
  if (top.type != FileType::directory) {
    return file_system.remove(parent, name, RemoveKind::file);
  }
  std::vector<Doomed> pending{{parent, std::string(name), top.node}};
  while (!pending.empty()) {
    const NodeId directory = pending.back().self;
    const auto entries = SEABAG_TRY(file_system.list(directory, 0, kListBatch));
    if (entries.empty()) {
      const Doomed& empty = pending.back();
      SEABAG_TRY(remove_present(file_system, empty.parent, empty.name, RemoveKind::directory));
      pending.pop_back();
    }
    for (const DirectoryEntry& entry : entries) {
      if (entry.type == FileType::directory) {
        pending.push_back({directory, entry.name, entry.node});
      } else {
        SEABAG_TRY(remove_present(file_system, directory, entry.name, RemoveKind::file));
      }
    }
  }
  return {};
}

Result<void> copy_tree(FileSystem& from, NodeId source, WritableFileSystem& to,
                       NodeId destination) {
  return TreeCopy(from, to).run(source, destination);
}

}  // namespace seabag::vfs
