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
    const auto parent = tables.find(slash == 0 ? "/" : path.substr(0, slash));
    if (parent && parent->entry.kind == EntryKind::directory && vfs::is_valid_name(name)) {
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
  const auto found = tables.find(path);
  if (!found) {
    return explain_miss(tables, path);
  }
  if (found->entry.kind == EntryKind::regular || found->entry.kind == EntryKind::directory) {
    return Node{.index = found->index, .entry = found->entry};
  }
  const Node node = SEABAG_TRY(node_of(tables, found->index, kFind));
  if (node.entry.kind == EntryKind::symlink) {
    return walk_path(tables, path);
  }
  return node;
}

bool is_indexed(const Tables& tables, std::string_view path, std::uint32_t entry) {
  const auto found = tables.find(path);
  return found && found->index == entry;
}

}  // namespace seabag::bundle
