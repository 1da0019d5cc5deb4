#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "node_copy.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/tree.h"

namespace seabag::vfs {
namespace {

/// Nobody's name: what is written is called so until it is complete, and a directory in the root
/// has it where what is to be replaced waits.
constexpr std::string_view kTemporary = ".seabag-commit";

/// The node at a path of single names; links are not followed.
Result<NodeId> find_path(FileSystem& files, std::string_view path) {
  NodeId node = kRootNode;
  PathComponents components(path);
  while (!components.is_at_end()) {
    node = SEABAG_TRY(files.lookup(node, components.next())).node;
  }
  return node;
}

struct Split {
  std::string_view parent;
  std::string_view name;
};

Split split(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return {.parent = path.substr(0, std::max<std::size_t>(slash, 1)),
          .name = path.substr(slash + 1)};
}

/// ENOENT is what was wanted.
Result<void> remove_if_present(WritableFileSystem& files, NodeId parent, std::string_view name) {
  auto removed = remove_tree(files, parent, name);
  if (!removed && removed.error().is(std::errc::no_such_file_or_directory)) {
    return {};
  }
  return removed;
}

bool is_new(const Difference& difference) {
  return difference.kind == DifferenceKind::added ||
         (difference.kind == DifferenceKind::modified && difference.type == FileType::directory);
}

bool is_replaced(const Difference& difference) {
  return difference.kind == DifferenceKind::modified && difference.type != FileType::directory;
}

bool is_removed(const Difference& difference) { return difference.kind == DifferenceKind::removed; }

/// One run of `commit`. The target may be a lower, which the overlay still reads for directories
/// that were renamed: nothing is replaced or removed before all that is new has been read.
class Commit {
 public:
  Commit(Overlay& overlay, WritableFileSystem& target) : overlay_(overlay), target_(target) {}

  Result<void> run() {
    const std::vector<Difference> differences = SEABAG_TRY(overlay_.diff());
    SEABAG_TRY(remember_directories(differences));
    SEABAG_TRY(remove_if_present(target_, kRootNode, kTemporary));
    SEABAG_TRY(for_each(differences, is_new, &Commit::write));
    SEABAG_TRY(for_each(differences, is_replaced, &Commit::stage));
    SEABAG_TRY(publish_staged());
    SEABAG_TRY(for_each(differences, is_removed, &Commit::write));
    // Writing entries has changed the times of their directories, so these come last, and the
    // deepest first.
    for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory) {
      const Attributes& attributes = attributes_.at(directory->first);
      (void)SEABAG_TRY(target_.set_attributes(directory->second, changes_to(attributes)));
    }
    return {};
  }

 private:
  struct Staged {
    NodeId parent{};
    std::string name;
    std::string path;
  };

  /// What directories shall be like in the end, while the overlay can still tell.
  Result<void> remember_directories(const std::vector<Difference>& differences) {
    SEABAG_TRY(remember("/"));
    for (const Difference& difference : differences) {
      SEABAG_TRY(remember(split(difference.path).parent));
      if (difference.type == FileType::directory && !is_removed(difference)) {
        SEABAG_TRY(remember(difference.path));
      }
    }
    return {};
  }

  Result<void> remember(std::string_view path) {
    if (const auto [place, is_new] = attributes_.try_emplace(std::string(path)); is_new) {
      place->second = SEABAG_TRY(overlay_.attributes(SEABAG_TRY(find_path(overlay_, path))));
    }
    return {};
  }

  Result<void> for_each(const std::vector<Difference>& differences,
                        bool (*is_wanted)(const Difference&),
                        Result<void> (Commit::*work)(const Difference&)) {
    for (const Difference& difference : differences) {
      if (!is_wanted(difference)) {
        continue;
      }
      if (auto done = (this->*work)(difference); !done) {
        return with_path(std::move(done).error(), difference.path);
      }
    }
    return {};
  }

  Result<void> stage(const Difference& difference) {
    const Split parts = split(difference.path);
    const NodeId parent = SEABAG_TRY(find_path(target_, parts.parent));
    directories_.insert_or_assign(std::string(parts.parent), parent);
    if (staged_.empty()) {
      constexpr std::uint32_t kOwnerOnly = 0700;
      staging_ = SEABAG_TRY(target_.create(kRootNode, kTemporary,
                                           {.type = FileType::directory, .mode = kOwnerOnly}))
                     .node;
      directories_.insert_or_assign("/", kRootNode);
    }
    const NodeId source = SEABAG_TRY(find_path(overlay_, difference.path));
    const Attributes attributes = SEABAG_TRY(overlay_.attributes(source));
    SEABAG_TRY(make_temporary(attributes, staging_, std::to_string(staged_.size())));
    staged_.push_back({.parent = parent, .name = std::string(parts.name), .path = difference.path});
    return {};
  }

  Result<void> publish_staged() {
    for (std::size_t each = 0; each < staged_.size(); ++each) {
      const Staged& staged = staged_[each];
      auto moved = publish(staging_, std::to_string(each), staged.parent, staged.name);
      if (!moved) {
        return with_path(std::move(moved).error(), staged.path);
      }
    }
    return staged_.empty() ? Result<void>() : remove_tree(target_, kRootNode, kTemporary);
  }

  Result<void> write(const Difference& difference) {
    if (difference.path == "/") {
      directories_.insert_or_assign("/", kRootNode);
      return replace_xattrs(kRootNode, kRootNode);
    }
    const Split parts = split(difference.path);
    const NodeId parent = SEABAG_TRY(find_path(target_, parts.parent));
    directories_.insert_or_assign(std::string(parts.parent), parent);
    if (difference.kind == DifferenceKind::removed) {
      return remove_if_present(target_, parent, parts.name);
    }
    const NodeId source = SEABAG_TRY(find_path(overlay_, difference.path));
    if (difference.type == FileType::directory) {
      const NodeId made = SEABAG_TRY(make_directory(source, parent, parts.name));
      directories_.insert_or_assign(difference.path, made);
      return replace_xattrs(source, made);
    }
    return replace(source, parent, parts.name);
  }

  Result<NodeId> make_directory(NodeId source, NodeId parent, std::string_view name) {
    const auto there = target_.lookup(parent, name);
    if (there && there->type == FileType::directory) {
      return there->node;
    }
    SEABAG_TRY(remove_if_present(target_, parent, name));
    const Attributes attributes = SEABAG_TRY(overlay_.attributes(source));
    return SEABAG_TRY(create_like(overlay_, attributes, target_, parent, name)).node;
  }

  Result<void> replace_xattrs(NodeId source, NodeId made) {
    if (target_.capabilities().extended_attributes) {
      for (const std::string& name : SEABAG_TRY(target_.xattrs(made))) {
        SEABAG_TRY(target_.remove_xattr(made, name));
      }
    }
    return copy_xattrs(overlay_, SEABAG_TRY(overlay_.attributes(source)), target_, made);
  }

  Result<void> replace(NodeId source, NodeId parent, std::string_view name) {
    SEABAG_TRY(remove_if_present(target_, parent, kTemporary));
    SEABAG_TRY(make_temporary(SEABAG_TRY(overlay_.attributes(source)), parent, kTemporary));
    return publish(parent, kTemporary, parent, name);
  }

  Result<void> publish(NodeId from, std::string_view temporary, NodeId parent,
                       std::string_view name) {
    const auto there = target_.lookup(parent, name);
    if (there && there->type == FileType::directory) {
      SEABAG_TRY(remove_tree(target_, parent, name));
    }
    SEABAG_TRY(target_.rename(from, temporary, parent, name, RenameMode::replace));
    // Two names of one node are left as they are.
    return remove_if_present(target_, from, temporary);
  }

  Result<void> make_temporary(const Attributes& source, NodeId parent, std::string_view name) {
    const bool is_shared = source.links > 1 && target_.capabilities().hard_links;
    if (const auto made = linked_.find(source.node); is_shared && made != linked_.end()) {
      (void)SEABAG_TRY(target_.link(made->second, parent, name));
      return {};
    }
    const NodeId made = SEABAG_TRY(create_like(overlay_, source, target_, parent, name)).node;
    SEABAG_TRY(copy_xattrs(overlay_, source, target_, made));
    if (source.type == FileType::regular) {
      const auto in = SEABAG_TRY(overlay_.open(source.node));
      const auto out = SEABAG_TRY(target_.open_writable(made));
      SEABAG_TRY(copy_content(*in, *out));
    }
    (void)SEABAG_TRY(target_.set_attributes(made, changes_to(source)));
    if (is_shared) {
      linked_.emplace(source.node, made);
    }
    return {};
  }

  Overlay& overlay_;
  WritableFileSystem& target_;
  std::unordered_map<std::string, Attributes> attributes_;  ///< of the overlay's, by path
  std::map<std::string, NodeId> directories_;               ///< of the target, by path
  std::unordered_map<NodeId, NodeId> linked_;
  NodeId staging_{};  ///< where what `staged_` names is, once there is any
  std::vector<Staged> staged_;
};

}  // namespace

Result<void> commit(Overlay& overlay, WritableFileSystem& target) {
  return Commit(overlay, target).run();
}

}  // namespace seabag::vfs
