#include "file_system.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {

Result<void> SqliteFileSystem::rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                                      std::string_view to_name, vfs::RenameMode mode) {
  SEABAG_TRY(vfs::check_name(from_name, "rename"));
  SEABAG_TRY(vfs::check_name(to_name, "rename"));
  auto turn = SEABAG_TRY(changing("rename"));
  const Inode source_parent = SEABAG_TRY(parent_for(from));
  const Inode target_parent = SEABAG_TRY(parent_for(to));
  Move move{.from = source_parent, .to = target_parent, .to_name = to_name};
  move.source = SEABAG_TRY(store_.child(source_parent.number, from_name));
  move.target = SEABAG_TRY(store_.child(target_parent.number, to_name));
  SEABAG_TRY(check_move(move, mode));
  if (move.target && move.source->inode.number == move.target->inode.number) {
    return {};
  }
  const vfs::Timestamp present = now();
  if (mode == vfs::RenameMode::exchange) {
    SEABAG_TRY(exchange(move, present));
  } else {
    SEABAG_TRY(replace(move, present));
  }
  SEABAG_TRY(touch_changed(move.source->inode, present));
  SEABAG_TRY(turn.commit());
  finish_left_open();
  return {};
}

Result<void> SqliteFileSystem::check_move(const Move& move, vfs::RenameMode mode) {
  vfs::RenameFacts facts;
  if (move.source) {
    const Inode& source = move.source->inode;
    facts.source = source.type;
    facts.moves_into_itself =
        source.is_directory() && SEABAG_TRY(store_.is_within(move.to.number, source.number));
  }
  if (move.target) {
    const Inode& target = move.target->inode;
    facts.target = target.type;
    facts.is_same_node = move.source && move.source->inode.number == target.number;
    if (target.is_directory()) {
      facts.replaces_ancestor = SEABAG_TRY(store_.is_within(move.from.number, target.number));
      facts.is_target_full = SEABAG_TRY(store_.has_entries(target.number));
    }
  }
  return vfs::check_rename(facts, mode);
}

Result<void> SqliteFileSystem::replace(const Move& move, vfs::Timestamp when) {
  const Inode& source = move.source->inode;
  if (move.target) {
    // The target's entry stays in its place, so that no listing misses the name.
    SEABAG_TRY(
        connection_->use(Query::retarget_entry).bind(source.number).bind(move.target->entry).run());
    SEABAG_TRY(connection_->use(Query::delete_entry).bind(move.source->entry).run());
    SEABAG_TRY(unlink_node(move.target->inode, when));
  } else {
    SEABAG_TRY(connection_->use(Query::rename_entry)
                   .bind(move.to.number)
                   .bind_text(move.to_name)
                   .bind(move.source->entry)
                   .run());
  }
  const bool is_new_below = source.is_directory() && !move.target;
  return touch_parents(move, source.is_directory() ? -1 : 0, is_new_below ? 1 : 0, when);
}

Result<void> SqliteFileSystem::exchange(const Move& move, vfs::Timestamp when) {
  const Inode& source = move.source->inode;
  const Inode& target = move.target->inode;
  SEABAG_TRY(
      connection_->use(Query::retarget_entry).bind(target.number).bind(move.source->entry).run());
  SEABAG_TRY(
      connection_->use(Query::retarget_entry).bind(source.number).bind(move.target->entry).run());
  SEABAG_TRY(touch_changed(target, when));
  const int difference = (source.is_directory() ? 1 : 0) - (target.is_directory() ? 1 : 0);
  return touch_parents(move, -difference, difference, when);
}

Result<void> SqliteFileSystem::touch_parents(const Move& move, std::int64_t from_links,
                                             std::int64_t to_links, vfs::Timestamp when) {
  if (move.from.number == move.to.number) {
    return store_.touch_directory(move.from.number, from_links + to_links, when);
  }
  SEABAG_TRY(store_.touch_directory(move.from.number, from_links, when));
  return store_.touch_directory(move.to.number, to_links, when);
}

Result<void> SqliteFileSystem::touch_changed(Inode inode, vfs::Timestamp when) {
  inode.changed = when;
  return store_.update_inode(inode);
}

}  // namespace seabag::providers
