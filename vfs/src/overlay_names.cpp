#include <mutex>
#include <utility>

#include "overlay_file_system.h"
#include "seabag/vfs/path.h"

namespace seabag::vfs {

using Kind = OverlayChange::Kind;

Result<OverlayFileSystem::Parent> OverlayFileSystem::parent_for(NodeId id, const char* operation) {
  auto parent = directory_for(id, operation);
  if (!parent && parent.error().is(kStaleNode)) {
    return make_error(std::errc::no_such_file_or_directory, operation, {},
                      "the directory was removed");
  }
  return parent;
}

Result<void> OverlayFileSystem::show(const Directory& directory, std::string_view name) {
  if (!ledger_->is_hidden(directory.lower_path, name)) {
    return {};
  }
  return ledger_->apply({{.kind = Kind::show, .path = join_path(directory.lower_path, name)}});
}

/// The new directory becomes opaque before the whiteout goes, so that what was hidden stays hidden
/// at every moment.
Result<Attributes> OverlayFileSystem::adopt(const Parent& parent, std::string_view name,
                                            const Attributes& made) {
  const bool is_directory = made.type == FileType::directory;
  if (is_directory && SEABAG_TRY(lower_entry(*parent.directory, name))) {
    SEABAG_TRY(ledger_->apply({{.kind = Kind::opaque, .node = made.node}}));
  }
  SEABAG_TRY(show(*parent.directory, name));
  const NodeId id = SEABAG_TRY(id_of_upper(made.node));
  if (is_directory) {
    auto directory = std::make_unique<Directory>();
    directory->upper = made.node;
    know(id, {.parent = parent.id, .name = std::string(name)}, std::move(directory));
  }
  return outward(id, made);
}

Result<Attributes> OverlayFileSystem::create(NodeId parent, std::string_view name,
                                             const NewNode& what) {
  if (what.type == FileType::symlink) {
    SEABAG_TRY(check_link_target(what.target, "symlink"));
  }
  SEABAG_TRY(check_name(name, "create"));
  const std::lock_guard lock(tree_);
  const Parent directory = SEABAG_TRY(parent_for(parent, "create"));
  if (SEABAG_TRY(find_child(directory, name))) {
    return make_error(std::errc::file_exists, "create");
  }
  const NodeId upper = SEABAG_TRY(copy_up_directory(parent));
  const Attributes made = SEABAG_TRY(upper_->create(upper, name, what));
  auto adopted = adopt(directory, name, made);
  if (!adopted) {
    // The first failure is the one to tell.
    (void)upper_->remove(
        upper, name, what.type == FileType::directory ? RemoveKind::directory : RemoveKind::file);
  }
  return adopted;
}

Result<Attributes> OverlayFileSystem::link(NodeId node, NodeId parent, std::string_view name) {
  SEABAG_TRY(check_name(name, "link"));
  const std::lock_guard lock(tree_);
  const Place place = SEABAG_TRY(locate(node, "link"));
  const Attributes source = SEABAG_TRY(place.files->attributes(place.node));
  const Parent directory = SEABAG_TRY(parent_for(parent, "link"));
  if (SEABAG_TRY(find_child(directory, name))) {
    return make_error(std::errc::file_exists, "link");
  }
  if (source.type == FileType::directory) {
    return make_error(std::errc::operation_not_permitted, "link", {},
                      "a directory has one name only");
  }
  if (is_orphan(node)) {
    return make_error(std::errc::no_such_file_or_directory, "link", {}, "the file was removed");
  }
  const NodeId upper = SEABAG_TRY(copy_up(node));
  const NodeId upper_parent = SEABAG_TRY(copy_up_directory(parent));
  const Attributes linked = SEABAG_TRY(upper_->link(upper, upper_parent, name));
  SEABAG_TRY(show(*directory.directory, name));
  return outward(node, linked);
}

Result<void> OverlayFileSystem::remove(NodeId parent, std::string_view name, RemoveKind kind) {
  const bool is_rmdir = kind == RemoveKind::directory;
  const char* operation = is_rmdir ? "rmdir" : "unlink";
  SEABAG_TRY(check_name(name, operation));
  const std::lock_guard lock(tree_);
  const Parent directory = SEABAG_TRY(parent_for(parent, operation));
  auto child = SEABAG_TRY(find_child(directory, name));
  if (!child) {
    return make_error(std::errc::no_such_file_or_directory, operation);
  }
  const NodeId id = child->attributes.node;
  const bool is_directory = child->directory != nullptr;
  if (is_rmdir != is_directory) {
    return make_error(is_rmdir ? std::errc::not_a_directory : std::errc::is_a_directory, operation);
  }
  if (is_directory && !SEABAG_TRY(has_no_entries({.id = id, .directory = child->directory}))) {
    return make_error(std::errc::directory_not_empty, operation);
  }
  SEABAG_TRY(copy_up_linked(*child));
  return take_away(directory, name, *child);
}

/// A file of a lower with several names becomes one of the upper before it loses one, so that the
/// others count right.
Result<void> OverlayFileSystem::copy_up_linked(Child& child) {
  if (!child.is_upper && child.directory == nullptr && child.attributes.links > 1) {
    (void)SEABAG_TRY(copy_up(child.attributes.node));
    child.is_upper = true;
  }
  return {};
}

/// The whiteout comes before the upper's own removal, so that nothing shows through in between.
Result<void> OverlayFileSystem::take_away(const Parent& parent, std::string_view name,
                                          const Child& child) {
  const Directory& directory = *parent.directory;
  const NodeId upper = SEABAG_TRY(copy_up_directory(parent.id));
  const bool is_hidden_now =
      SEABAG_TRY(lower_entry(directory, name)) && !ledger_->is_hidden(directory.lower_path, name);
  if (is_hidden_now) {
    SEABAG_TRY(
        ledger_->apply({{.kind = Kind::hide, .path = join_path(directory.lower_path, name)}}));
  }
  if (child.is_upper) {
    auto removed = upper_->remove(
        upper, name, child.directory != nullptr ? RemoveKind::directory : RemoveKind::file);
    if (!removed) {
      // The first failure is the one to tell; a whiteout below something is harmless.
      (void)show(directory, name);
      return removed;
    }
  } else {
    (void)SEABAG_TRY(upper_->set_attributes(upper, {.modified = NewTime::now()}));
    if (child.directory != nullptr) {
      forget_lower_subdirectory(parent.id);
    }
  }
  return forget(child);
}

Result<void> OverlayFileSystem::forget(const Child& child) {
  const NodeId id = child.attributes.node;
  std::vector<OverlayChange> changes;
  const auto upper = upper_of(id);
  const bool is_last = child.directory != nullptr || child.attributes.links <= 1;
  if (upper && is_last && (ledger_->mark(*upper) != nullptr || ledger_->origin(*upper))) {
    changes.push_back({.kind = Kind::forget, .node = *upper});
  }
  if (child.directory != nullptr && !child.directory->lowers.empty()) {
    for (const std::string& name : ledger_->hidden_in(child.directory->lower_path)) {
      changes.push_back({.kind = Kind::show, .path = join_path(child.directory->lower_path, name)});
    }
  }
  {
    const std::lock_guard lock(table_);
    known_.erase(id);
    if (!child.is_upper && readers_.contains(id)) {
      orphans_.insert(id);
    }
  }
  return ledger_->apply(changes);
}

}  // namespace seabag::vfs
