#include "lookup.h"

#include <algorithm>
#include <array>
#include <optional>

#include "records.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/vfs/path.h"

namespace seabag::bundle {
namespace {

/// Traversals of symlinks in one resolution (path_resolution(7)).
constexpr unsigned kMaxSymlinks = 40;

constexpr const char* kFind = "find";

Error missing(const char* operation) {
  return make_error(std::errc::no_such_file_or_directory, operation);
}

Error no_directory(const char* operation) {
  return make_error(std::errc::not_a_directory, operation);
}

Result<Node> root_of(const Tables& tables) {
  Node root = SEABAG_TRY(node_of(tables, 0, kFind));
  if (root.entry.kind != EntryKind::directory) {
    return damaged_table(kFind);
  }
  return root;
}

/// Whether an entry has this full path, told by its own name and its directory's stored path.
bool has_path(const Tables& tables, const Entry& entry, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || tables.name(entry) != path.substr(slash + 1)) {
    return false;
  }
  const auto parent = tables.entry(entry.parent);
  return parent && parent->kind == EntryKind::directory && (slash == 0) == (entry.parent == 0) &&
         tables.directory_path(*parent) == path.substr(0, slash);
}

/// The entry with this full path, by the path index.
std::optional<std::uint32_t> probe(const Tables& tables, std::string_view path) {
  if (path == "/") {
    return 0;
  }
  const std::uint64_t hash = path_hash(path);
  const std::uint16_t tag = index_tag(hash);
  const std::uint64_t home = index_home(hash, tables.index_capacity());
  for (std::uint64_t step = 0; step < tables.index_longest_probe(); ++step) {
    const auto slot = tables.index_slot(home + step);
    if (!slot || slot->entry == 0) {
      return std::nullopt;
    }
    if (slot->tag != tag) {
      continue;
    }
    const auto entry = tables.entry(slot->entry - 1);
    if (entry && entry->kind == EntryKind::regular) {
      // Very likely the one that is wanted: its content comes in while its name is compared.
      tables.prefetch_content(entry->reference);
    }
    if (entry && has_path(tables, *entry, path)) {
      return slot->entry - 1;
    }
  }
  return std::nullopt;
}

/// What is still to be walked: the path itself and, above it, the targets of the symlinks that are
/// being followed.
class PendingPaths {
 public:
  explicit PendingPaths(std::string_view path) { push(path); }

  [[nodiscard]] bool is_empty() const { return depth_ == 0; }
  [[nodiscard]] vfs::PathComponents& top() { return *paths_[depth_ - 1]; }
  void push(std::string_view path) { paths_[depth_++].emplace(path); }
  void pop() { --depth_; }

  /// Drops what is used up, so that a chain of links needs no more room than a nest of them. A
  /// trailing slash stays: it still has a directory to demand.
  void drop_finished() {
    while (depth_ > 0 && top().is_at_end() && !top().has_trailing_slash()) {
      pop();
    }
  }

 private:
  std::array<std::optional<vfs::PathComponents>, kMaxSymlinks + 1> paths_;
  std::size_t depth_ = 0;
};

/// One resolution from the root.
class Walk {
 public:
  Walk(const Tables& tables, const Node& root, std::string_view path)
      : tables_(tables), root_(root), current_(root), pending_(path) {}

  Result<Node> run() {
    while (!pending_.is_empty()) {
      const std::string_view component = pending_.top().next();
      if (!component.empty()) {
        SEABAG_TRY(step(component));
        continue;
      }
      if (pending_.top().has_trailing_slash() && current_.entry.kind != EntryKind::directory) {
        return no_directory(kFind);
      }
      pending_.pop();
    }
    return current_;
  }

 private:
  Result<void> step(std::string_view component) {
    if (current_.entry.kind != EntryKind::directory) {
      return no_directory(kFind);
    }
    if (component == ".") {
      return {};
    }
    if (component == "..") {
      current_ = SEABAG_TRY(node_of(tables_, current_.entry.parent, kFind));
      return {};
    }
    Node child = SEABAG_TRY(find_child(tables_, current_, component, kFind));
    if (child.entry.kind != EntryKind::symlink) {
      current_ = child;
      return {};
    }
    return follow(child.entry);
  }

  Result<void> follow(const Entry& link) {
    if (++links_ > kMaxSymlinks) {
      return make_error(std::errc::too_many_symbolic_link_levels, kFind);
    }
    const auto target = tables_.link_target(link);
    if (!target) {
      return damaged_table(kFind);
    }
    SEABAG_TRY(vfs::check_link_target(*target, kFind));
    if (target->starts_with('/')) {
      current_ = root_;
    }
    pending_.drop_finished();
    pending_.push(*target);
    return {};
  }

  const Tables& tables_;
  const Node& root_;
  Node current_;
  PendingPaths pending_;
  unsigned links_ = 0;
};

/// Why the index does not know a path: nearly always a name that its directory does not have, which
/// one more probe tells. Everything else is left to the walk.
Result<Node> explain_miss(const Tables& tables, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash + 1 < path.size()) {
    const std::string_view name = path.substr(slash + 1);
    const auto index = probe(tables, slash == 0 ? "/" : path.substr(0, slash));
    const auto parent = index ? tables.entry(*index) : std::nullopt;
    if (parent && parent->kind == EntryKind::directory && vfs::is_valid_name(name)) {
      return missing(kFind);
    }
  }
  return walk_path(tables, path);
}

}  // namespace

Error damaged_table(const char* operation) {
  return make_error(std::errc::io_error, operation, {},
                    "the bundle is damaged: seabag verify tells where");
}

Result<Node> node_of(const Tables& tables, std::uint32_t entry, const char* operation) {
  const auto found = tables.entry(entry);
  if (!found) {
    return damaged_table(operation);
  }
  if (found->kind != EntryKind::link) {
    return Node{.index = entry, .entry = *found};
  }
  const auto node = tables.entry(found->reference);
  if (!node || (node->kind != EntryKind::regular && node->kind != EntryKind::symlink)) {
    return damaged_table(operation);
  }
  return Node{.index = found->reference, .entry = *node};
}

Result<Children> children_of(const Tables& tables, const Node& directory, const char* operation) {
  const Entry& entry = directory.entry;
  if (entry.kind != EntryKind::directory) {
    return no_directory(operation);
  }
  const bool is_sound = entry.count == 0 || (entry.reference > directory.index &&
                                             entry.reference <= tables.entry_count() &&
                                             entry.count <= tables.entry_count() - entry.reference);
  if (!is_sound) {
    return damaged_table(operation);
  }
  return Children{.first = entry.reference, .count = entry.count};
}

Result<Node> find_child(const Tables& tables, const Node& directory, std::string_view name,
                        const char* operation) {
  const Children children = SEABAG_TRY(children_of(tables, directory, operation));
  SEABAG_TRY(vfs::check_name(name, operation));
  std::uint32_t first = children.first;
  std::uint32_t count = children.count;
  while (count > 0) {
    const std::uint32_t middle = first + count / 2;
    const auto entry = tables.entry(middle);
    const auto found = entry ? tables.name(*entry) : std::nullopt;
    if (!found || entry->parent != directory.index) {
      return damaged_table(operation);
    }
    const int order = found->compare(name);
    if (order == 0) {
      return node_of(tables, middle, operation);
    }
    if (order < 0) {
      count -= middle + 1 - first;
      first = middle + 1;
    } else {
      count = middle - first;
    }
  }
  return missing(operation);
}

Result<Node> walk_path(const Tables& tables, std::string_view path) {
  SEABAG_TRY(vfs::check_path(path, kFind));
  const Node root = SEABAG_TRY(root_of(tables));
  return Walk(tables, root, path).run();
}

Result<Node> find_path(const Tables& tables, std::string_view path) {
  if (path.size() >= vfs::kMaxPathLength || path.empty()) {
    return walk_path(tables, path);
  }
  const auto index = probe(tables, path);
  if (!index) {
    return explain_miss(tables, path);
  }
  const Node node = SEABAG_TRY(node_of(tables, *index, kFind));
  if (node.entry.kind == EntryKind::symlink) {
    return walk_path(tables, path);
  }
  return node;
}

bool is_indexed(const Tables& tables, std::string_view path, std::uint32_t entry) {
  return probe(tables, path) == entry;
}

}  // namespace seabag::bundle
