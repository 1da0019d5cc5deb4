#include <mutex>
#include <utility>

#include "overlay_file_system.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::vfs {
namespace {

constexpr const char* kOperation = "rename";

}  // namespace

using Kind = OverlayChange::Kind;

/// A rename, as it was found.
struct OverlayFileSystem::Move {
  Parent from;
  Parent to;
  std::string_view from_name;  ///< the caller's
  std::string_view to_name;    ///< the caller's
  std::optional<Child> source = {};
  std::optional<Child> target = {};
};

Result<void> OverlayFileSystem::rename(NodeId from, std::string_view from_name, NodeId to,
                                       std::string_view to_name, RenameMode mode) {
  SEABAG_TRY(check_name(from_name, kOperation));
  SEABAG_TRY(check_name(to_name, kOperation));
  const std::lock_guard lock(tree_);
  Move move{.from = SEABAG_TRY(parent_for(from, kOperation)),
            .to = SEABAG_TRY(parent_for(to, kOperation)),
            .from_name = from_name,
            .to_name = to_name};
  move.source = SEABAG_TRY(find_child(move.from, from_name));
  move.target = SEABAG_TRY(find_child(move.to, to_name));
  SEABAG_TRY(check_move(move, mode));
  if (move.target && move.source->attributes.node == move.target->attributes.node) {
    return {};
  }
  return mode == RenameMode::exchange ? exchange(move) : replace(move, mode);
}

bool OverlayFileSystem::is_within(NodeId id, NodeId directory) {
  const std::lock_guard lock(table_);
  while (id != directory && id != kRootNode) {
    id = known_.at(id).parent;
  }
  return id == directory;
}

Result<void> OverlayFileSystem::check_move(const Move& move, RenameMode mode) {
  RenameFacts facts;
  if (move.source) {
    facts.source = move.source->attributes.type;
    facts.moves_into_itself =
        move.source->directory != nullptr && is_within(move.to.id, move.source->attributes.node);
  }
  if (move.target) {
    const NodeId target = move.target->attributes.node;
    facts.target = move.target->attributes.type;
    facts.is_same_node = move.source && move.source->attributes.node == target;
    if (move.target->directory != nullptr) {
      facts.replaces_ancestor = is_within(move.from.id, target);
      facts.is_target_full =
          !SEABAG_TRY(has_no_entries({.id = target, .directory = move.target->directory}));
    }
  }
  return check_rename(facts, mode);
}

/// Makes a directory say itself what it shows of the lowers, where its new place would say
/// something else.
Result<void> OverlayFileSystem::pin(const Child& child, const Directory& to,
                                    std::string_view name) {
  if (child.directory == nullptr) {
    return {};
  }
  const NodeId upper = *child.directory->upper;
  if (!child.directory->lowers.empty()) {
    return ledger_->apply(
        {{.kind = Kind::redirect, .path = child.directory->lower_path, .node = upper}});
  }
  if (SEABAG_TRY(lower_entry(to, name))) {
    return ledger_->apply({{.kind = Kind::opaque, .node = upper}});
  }
  return {};
}

Result<void> OverlayFileSystem::replace(const Move& move, RenameMode mode) {
  const Directory& from = *move.from.directory;
  (void)SEABAG_TRY(copy_up(move.source->attributes.node));
  const NodeId upper_from = SEABAG_TRY(copy_up_directory(move.from.id));
  const NodeId upper_to = SEABAG_TRY(copy_up_directory(move.to.id));
  std::optional<Child> target = move.target;
  if (target) {
    SEABAG_TRY(copy_up_linked(*target));
  }
  SEABAG_TRY(pin(*move.source, *move.to.directory, move.to_name));
  const bool is_hidden_now = SEABAG_TRY(lower_entry(from, move.from_name)) &&
                             !ledger_->is_hidden(from.lower_path, move.from_name);
  if (is_hidden_now) {
    SEABAG_TRY(
        ledger_->apply({{.kind = Kind::hide, .path = join_path(from.lower_path, move.from_name)}}));
  }
  auto renamed = upper_->rename(upper_from, move.from_name, upper_to, move.to_name, mode);
  if (!renamed) {
    // The first failure is the one to tell; a whiteout below something is harmless.
    (void)show(from, move.from_name);
    return renamed;
  }
  SEABAG_TRY(show(*move.to.directory, move.to_name));
  move_known(*move.source, move.to.id, move.to_name);
  if (!target) {
    return {};
  }
  if (!target->is_upper && target->directory != nullptr) {
    forget_lower_subdirectory(move.to.id);
  }
  return forget(*target);
}

Result<void> OverlayFileSystem::exchange(const Move& move) {
  (void)SEABAG_TRY(copy_up(move.source->attributes.node));
  (void)SEABAG_TRY(copy_up(move.target->attributes.node));
  SEABAG_TRY(pin(*move.source, *move.to.directory, move.to_name));
  SEABAG_TRY(pin(*move.target, *move.from.directory, move.from_name));
  SEABAG_TRY(upper_->rename(*move.from.directory->upper, move.from_name, *move.to.directory->upper,
                            move.to_name, RenameMode::exchange));
  move_known(*move.source, move.to.id, move.to_name);
  move_known(*move.target, move.from.id, move.from_name);
  return {};
}

void OverlayFileSystem::move_known(const Child& child, NodeId parent, std::string_view name) {
  if (child.directory != nullptr) {
    const std::lock_guard lock(table_);
    Known& known = known_.at(child.attributes.node);
    known.parent = parent;
    known.name = name;
  }
}

}  // namespace seabag::vfs
