#include <algorithm>
#include <shared_mutex>
#include <utility>

#include "overlay_file.h"
#include "overlay_file_system.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::vfs {
namespace {

/// Absence as a value: nothing for ENOENT.
Result<std::optional<Attributes>> find_in(FileSystem& files, NodeId directory,
                                          std::string_view name) {
  auto found = files.lookup(directory, name);
  if (found) {
    return std::optional(*found);
  }
  if (found.error().is(std::errc::no_such_file_or_directory)) {
    return std::optional<Attributes>();
  }
  return std::move(found).error();
}

}  // namespace

const Capabilities& OverlayFileSystem::capabilities() const { return capabilities_; }

Result<NodeId> OverlayFileSystem::id_of_upper(NodeId upper) const {
  if (const auto base = ledger_->origin(upper); base && !lowers_.empty()) {
    return numbers_.of_base(*base);
  }
  return numbers_.outward({.layer = 0, .node = upper});
}

std::optional<NodeId> OverlayFileSystem::upper_of(NodeId id) const {
  if (id == kRootNode) {
    return kRootNode;
  }
  const OverlayNumbers::Place place = numbers_.inward(id);
  if (place.layer > 0) {
    return ledger_->copy_of(numbers_.base_of(id));
  }
  return ledger_->origin(place.node) ? std::nullopt : std::optional(place.node);
}

Result<OverlayFileSystem::Place> OverlayFileSystem::locate(NodeId id, const char* operation) {
  if (const auto upper = upper_of(id)) {
    return Place{.files = upper_.get(), .node = *upper, .is_upper = true};
  }
  const OverlayNumbers::Place place = numbers_.inward(id);
  const std::lock_guard lock(table_);
  if (place.layer == 0 || (!known_.contains(id) && !orphans_.contains(id))) {
    return make_error(kStaleNode, operation);
  }
  return Place{.files = lowers_[place.layer - 1].get(), .node = place.node};
}

bool OverlayFileSystem::is_orphan(NodeId id) {
  const std::lock_guard lock(table_);
  return orphans_.contains(id);
}

OverlayFileSystem::Directory* OverlayFileSystem::known_directory(NodeId id) {
  const std::lock_guard lock(table_);
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second.directory.get();
}

Result<OverlayFileSystem::Parent> OverlayFileSystem::directory_for(NodeId id,
                                                                   const char* operation) {
  if (Directory* directory = known_directory(id)) {
    return Parent{.id = id, .directory = directory};
  }
  const Place place = SEABAG_TRY(locate(id, operation));
  const FileType type = SEABAG_TRY(place.files->attributes(place.node)).type;
  return make_error(type == FileType::directory ? kStaleNode : std::errc::not_a_directory,
                    operation);
}

Result<Attributes> OverlayFileSystem::outward(NodeId id, Attributes attributes) {
  attributes.node = id;
  attributes.inode = static_cast<std::uint64_t>(id);
  if (attributes.type != FileType::directory) {
    attributes.links = is_orphan(id) ? 0 : attributes.links;
  } else if (Directory* directory = known_directory(id)) {
    attributes.links = SEABAG_TRY(count_links(*directory, attributes.links));
  }
  return attributes;
}

Result<std::uint64_t> OverlayFileSystem::count_links(Directory& directory, std::uint64_t own) {
  const auto lower_parts = std::ranges::count_if(
      directory.lowers, [](const std::optional<NodeId>& lower) { return lower.has_value(); });
  const bool is_alone = lower_parts + (directory.upper ? 1 : 0) <= 1;
  if (is_alone || own == 1) {
    return own;
  }
  std::optional<std::uint64_t> below;
  {
    const std::lock_guard lock(table_);
    below = directory.lower_subdirectories;
  }
  if (!below) {
    below = SEABAG_TRY(count_lower_subdirectories(directory));
    const std::lock_guard lock(table_);
    directory.lower_subdirectories = below;
  }
  return (directory.upper ? own : 2) + *below;
}

Result<std::optional<OverlayFileSystem::LowerEntry>> OverlayFileSystem::lower_entry(
    const Directory& directory, std::string_view name) const {
  for (std::size_t lower = 0; lower < directory.lowers.size(); ++lower) {
    if (!directory.lowers[lower]) {
      continue;
    }
    const auto found = SEABAG_TRY(find_in(*lowers_[lower], *directory.lowers[lower], name));
    if (found) {
      return std::optional(LowerEntry{.attributes = *found, .lower = lower});
    }
  }
  return std::optional<LowerEntry>();
}

Result<OverlayFileSystem::Lowers> OverlayFileSystem::lower_directories(
    const Lowers& parents, std::string_view name) const {
  Lowers directories;
  for (std::size_t lower = 0; lower < parents.size(); ++lower) {
    if (!parents[lower]) {
      continue;
    }
    const auto found = SEABAG_TRY(find_in(*lowers_[lower], *parents[lower], name));
    if (found && found->type != FileType::directory) {
      break;
    }
    if (found) {
      directories.resize(parents.size());
      directories[lower] = found->node;
    }
  }
  return directories;
}

Result<OverlayFileSystem::Lowers> OverlayFileSystem::lowers_at(std::string_view path) const {
  Lowers directories(lowers_.size(), kRootNode);
  PathComponents components(path);
  while (!components.is_at_end()) {
    directories = SEABAG_TRY(lower_directories(directories, components.next()));
  }
  return directories;
}

Result<std::unique_ptr<OverlayFileSystem::Directory>> OverlayFileSystem::make_directory(
    const Directory& parent, std::string_view name, NodeId upper) const {
  auto directory = std::make_unique<Directory>();
  directory->upper = upper;
  const OverlayLedger::Mark* mark = ledger_->mark(upper);
  if (mark != nullptr && mark->redirect) {
    directory->lower_path = *mark->redirect;
    directory->lowers = SEABAG_TRY(lowers_at(directory->lower_path));
  } else if (mark == nullptr && !parent.lowers.empty() &&
             !ledger_->is_hidden(parent.lower_path, name)) {
    directory->lower_path = join_path(parent.lower_path, name);
    directory->lowers = SEABAG_TRY(lower_directories(parent.lowers, name));
  }
  return directory;
}

OverlayFileSystem::Directory* OverlayFileSystem::know(NodeId id, const Name& name,
                                                      std::unique_ptr<Directory> directory) {
  const std::lock_guard lock(table_);
  Known& known = known_[id];
  known.parent = name.parent;
  known.name = name.name;
  if (known.directory == nullptr) {
    known.directory = std::move(directory);
  }
  return known.directory.get();
}

void OverlayFileSystem::learn_name(NodeId id, NodeId parent, std::string_view name) {
  const std::lock_guard lock(table_);
  if (!known_.contains(id)) {
    known_.emplace(id, Known{.parent = parent, .name = std::string(name), .directory = nullptr});
  }
}

Result<std::optional<OverlayFileSystem::Child>> OverlayFileSystem::find_upper(
    const Parent& parent, std::string_view name) {
  const auto found = SEABAG_TRY(find_in(*upper_, *parent.directory->upper, name));
  if (!found) {
    return std::optional<Child>();
  }
  Child child{.attributes = *found, .is_upper = true};
  const NodeId id = SEABAG_TRY(id_of_upper(found->node));
  child.attributes.node = id;
  child.attributes.inode = static_cast<std::uint64_t>(id);
  if (found->type == FileType::directory) {
    child.directory = known_directory(id);
    if (child.directory == nullptr) {
      child.directory = know(id, {.parent = parent.id, .name = std::string(name)},
                             SEABAG_TRY(make_directory(*parent.directory, name, found->node)));
    }
  }
  return std::optional(child);
}

Result<std::optional<OverlayFileSystem::Child>> OverlayFileSystem::find_lower(
    const Parent& parent, std::string_view name) {
  if (ledger_->is_hidden(parent.directory->lower_path, name)) {
    return std::optional<Child>();
  }
  const auto found = SEABAG_TRY(lower_entry(*parent.directory, name));
  if (!found) {
    return std::optional<Child>();
  }
  Child child{.attributes = found->attributes};
  const NodeId id =
      SEABAG_TRY(numbers_.outward({.layer = found->lower + 1, .node = found->attributes.node}));
  child.attributes.node = id;
  child.attributes.inode = static_cast<std::uint64_t>(id);
  if (found->attributes.type != FileType::directory) {
    learn_name(id, parent.id, name);
    return std::optional(child);
  }
  child.directory = known_directory(id);
  if (child.directory == nullptr) {
    auto directory = std::make_unique<Directory>();
    directory->lowers = SEABAG_TRY(lower_directories(parent.directory->lowers, name));
    directory->lower_path = join_path(parent.directory->lower_path, name);
    child.directory =
        know(id, {.parent = parent.id, .name = std::string(name)}, std::move(directory));
  }
  return std::optional(child);
}

Result<std::optional<OverlayFileSystem::Child>> OverlayFileSystem::find_child(
    const Parent& parent, std::string_view name) {
  if (parent.directory->upper) {
    auto found = SEABAG_TRY(find_upper(parent, name));
    if (found) {
      return found;
    }
  }
  return parent.directory->lowers.empty() ? std::optional<Child>()
                                          : SEABAG_TRY(find_lower(parent, name));
}

Result<Attributes> OverlayFileSystem::lookup(NodeId parent, std::string_view name) {
  SEABAG_TRY(check_name(name, "lookup"));
  const std::shared_lock lock(tree_);
  const Parent directory = SEABAG_TRY(directory_for(parent, "lookup"));
  const auto child = SEABAG_TRY(find_child(directory, name));
  if (!child) {
    return make_error(std::errc::no_such_file_or_directory, "lookup");
  }
  return outward(child->attributes.node, child->attributes);
}

Result<Attributes> OverlayFileSystem::attributes(NodeId node) {
  const std::shared_lock lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "stat"));
  return outward(node, SEABAG_TRY(place.files->attributes(place.node)));
}

Result<std::unique_ptr<File>> OverlayFileSystem::open(NodeId node) {
  const std::shared_lock lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "open"));
  auto file = SEABAG_TRY(place.files->open(place.node));
  if (place.is_upper) {
    return std::unique_ptr<File>(std::make_unique<OverlayUpperFile>(*this, node, std::move(file)));
  }
  return std::unique_ptr<File>(std::make_unique<OverlayReader>(*this, node, std::move(file)));
}

Result<std::string> OverlayFileSystem::read_link(NodeId node) {
  const std::shared_lock lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "readlink"));
  return place.files->read_link(place.node);
}

Result<std::string> OverlayFileSystem::xattr(NodeId node, std::string_view name) {
  const std::shared_lock lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "getxattr"));
  return place.files->xattr(place.node, name);
}

Result<std::vector<std::string>> OverlayFileSystem::xattrs(NodeId node) {
  const std::shared_lock lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "listxattr"));
  return place.files->xattrs(place.node);
}

Result<Statistics> OverlayFileSystem::statistics() { return upper_->statistics(); }

Result<bool> OverlayFileSystem::is_untouched(std::string_view path) {
  const std::shared_lock lock(tree_);
  PathComponents components(path);
  Parent at = SEABAG_TRY(directory_for(kRootNode, "stat"));
  bool is_upper = true;
  while (!components.is_at_end()) {
    const std::string_view name = components.next();
    if (!check_name(name, "stat")) {
      return true;
    }
    const auto child = SEABAG_TRY(find_child(at, name));
    if (!child) {
      return !SEABAG_TRY(lower_entry(*at.directory, name)).has_value();
    }
    if (child->attributes.type == FileType::symlink) {
      return false;
    }
    is_upper = child->directory == nullptr ? child->is_upper : child->directory->upper.has_value();
    if (child->directory == nullptr) {
      return !is_upper;
    }
    // One that was moved here, or made in the place of another, shows other files than the lowers.
    if (child->directory->lowers.empty() ||
        child->directory->lower_path != join_path(at.directory->lower_path, name)) {
      return false;
    }
    at = {.id = child->attributes.node, .directory = child->directory};
  }
  return !is_upper;
}

}  // namespace seabag::vfs
