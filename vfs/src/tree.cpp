#include "seabag/vfs/tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
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

/// Tells how much of a file has been read.
class CountedFile final : public File {
 public:
  CountedFile(const File& inner, const CopyOptions& options) : inner_(inner), options_(options) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    const std::size_t count = SEABAG_TRY(inner_.read_at(buffer, offset));
    if (options_.progress && count > 0) {
      options_.progress(count);
    }
    return count;
  }
  Result<Attributes> attributes() const override { return inner_.attributes(); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return inner_.find_extent(kind, offset);
  }

 private:
  const File& inner_;           ///< owned by the caller, for the time of one copy
  const CopyOptions& options_;  ///< as above
};

/// One run of copy_tree or copy_node.
class TreeCopy {
 public:
  TreeCopy(FileSystem& from, WritableFileSystem& to, const CopyOptions& options)
      : from_(from), to_(to), options_(options) {}

  Result<void> run(NodeId source, NodeId destination) {
    pending_.push_back({source, destination});
    return finish();
  }

  Result<void> run_one(NodeId source, const CopyName& destination) {
    SEABAG_TRY(copy_entry(source, destination.name, destination.parent));
    return finish();
  }

 private:
  struct Pair {
    NodeId source;
    NodeId destination;
  };

  Result<void> finish() {
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

  Result<void> copy_entries(const Pair& directory) {
    std::uint64_t cookie = 0;
    while (true) {
      const auto batch = SEABAG_TRY(from_.list(directory.source, cookie, kListBatch));
      if (batch.empty()) {
        return {};
      }
      for (const DirectoryEntry& entry : batch) {
        SEABAG_TRY(copy_entry(entry.node, entry.name, directory.destination));
      }
      cookie = batch.back().cookie;
    }
  }

  Result<void> copy_entry(NodeId source, std::string_view name, NodeId parent) {
    SEABAG_TRY(copy_one(source, name, parent));
    if (options_.progress) {
      options_.progress(0);
    }
    return {};
  }

  Result<void> copy_one(NodeId source, std::string_view name, NodeId parent) {
    Attributes attributes = SEABAG_TRY(from_.attributes(source));
    if (options_.owners == CopyOwners::assign) {
      attributes.uid = options_.uid;
      attributes.gid = options_.gid;
    }
    const bool is_directory = attributes.type == FileType::directory;
    if (!is_directory && attributes.links > 1 && to_.capabilities().hard_links) {
      if (const auto made = linked_.find(source); made != linked_.end()) {
        (void)SEABAG_TRY(to_.link(made->second, parent, name));
        return {};
      }
    }
    const NodeId made = SEABAG_TRY(make_fillable(attributes, parent, name)).node;
    if (attributes.links > 1 && !is_directory) {
      linked_.emplace(source, made);
    }
    SEABAG_TRY(copy_xattrs(from_, attributes, to_, made));
    if (is_directory) {
      pending_.push_back({source, made});
      directories_.emplace_back(made, attributes);
      return {};
    }
    if (attributes.type == FileType::regular) {
      const auto in = SEABAG_TRY(from_.open(attributes.node));
      const auto out = SEABAG_TRY(to_.open_writable(made));
      SEABAG_TRY(copy_content(CountedFile(*in, options_), *out));
    }
    return copy_attributes(attributes, made);
  }

  /// Whoever is not privileged can only fill what the owner may write; the mode comes last.
  Result<Attributes> make_fillable(Attributes source, NodeId parent, std::string_view name) {
    constexpr std::uint32_t kOwnerAll = 0700;
    source.mode |= kOwnerAll;
    return create_like(from_, source, to_, parent, name);
  }

  Result<void> copy_attributes(const Attributes& source, NodeId made) {
    (void)SEABAG_TRY(to_.set_attributes(made, changes_to(source)));
    return {};
  }

  FileSystem& from_;
  WritableFileSystem& to_;
  const CopyOptions& options_;
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

Result<void> copy_tree(FileSystem& from, NodeId source, WritableFileSystem& to, NodeId destination,
                       const CopyOptions& options) {
  return TreeCopy(from, to, options).run(source, destination);
}

Result<void> copy_node(FileSystem& from, NodeId source, WritableFileSystem& to,
                       const CopyName& destination, const CopyOptions& options) {
  return TreeCopy(from, to, options).run_one(source, destination);
}

}  // namespace seabag::vfs
