#include <mutex>

#include "file_system.h"
#include "seabag/vfs/path.h"

namespace seabag::providers {
namespace {

constexpr const char* kOperation = "rename";

/// Whether `node` is `directory` or lies below it.
bool is_within(const Node* node, const Node& directory) {
  while (node != nullptr && node != &directory) {
    node = node->directory->parent;
  }
  return node != nullptr;
}

}  // namespace

Result<void> MemoryFileSystem::rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                                      std::string_view to_name, vfs::RenameMode mode) {
  SEABAG_TRY(vfs::check_name(from_name, kOperation));
  SEABAG_TRY(vfs::check_name(to_name, kOperation));
  const std::lock_guard tree_lock(tree_);
  Node* source_parent = SEABAG_TRY(parent_for(from, kOperation));
  Node* target_parent = SEABAG_TRY(parent_for(to, kOperation));
  Move move{*source_parent, *target_parent, from_name, to_name};
  const Entries::Entry* source = source_parent->directory->entries.find(from_name);
  const Entries::Entry* target = target_parent->directory->entries.find(to_name);
  move.source = source != nullptr ? source->node : nullptr;
  move.target = target != nullptr ? target->node : nullptr;
  SEABAG_TRY(check_move(move, mode));
  if (move.source == move.target) {
    return {};
  }
  if (mode == vfs::RenameMode::exchange) {
    exchange(move);
  } else {
    replace(move);
  }
  return {};
}

Result<void> MemoryFileSystem::check_move(const Move& move, vfs::RenameMode mode) {
  vfs::RenameFacts facts{.is_same_node = move.source == move.target};
  if (move.source != nullptr) {
    facts.source = move.source->type;
    facts.moves_into_itself = move.source->is_directory() && is_within(&move.to, *move.source);
  }
  if (move.target != nullptr) {
    facts.target = move.target->type;
    if (move.target->is_directory()) {
      facts.replaces_ancestor = is_within(&move.from, *move.target);
      facts.is_target_full = !move.target->directory->entries.is_empty();
    }
  }
  return vfs::check_rename(facts, mode);
}

void MemoryFileSystem::replace(const Move& move) {
  const vfs::Timestamp present = now();
  Entries& from = move.from.directory->entries;
  Entries& to = move.to.directory->entries;
  if (move.target != nullptr) {
    // The target's entry stays in its place, so that no listing misses the name.
    to.find(move.to_name)->node = move.source;
    from.erase(move.from_name);
  } else if (&move.from == &move.to) {
    from.rename(move.from_name, move.to_name);
  } else {
    from.erase(move.from_name);
    to.insert(move.to_name, *move.source);
  }
  if (move.source->is_directory()) {
    move.source->directory->parent = &move.to;
    add_links(move.from, -1, present);
    add_links(move.to, move.target == nullptr ? 1 : 0, present);
  }
  touch_directory(move.from, present);
  touch_directory(move.to, present);
  touch_changed(*move.source, present);
  if (move.target != nullptr) {
    unlink_node(*move.target, present);
  }
}

void MemoryFileSystem::exchange(const Move& move) {
  const vfs::Timestamp present = now();
  move.from.directory->entries.find(move.from_name)->node = move.target;
  move.to.directory->entries.find(move.to_name)->node = move.source;
  if (move.source->is_directory()) {
    move.source->directory->parent = &move.to;
    add_links(move.from, -1, present);
    add_links(move.to, 1, present);
  }
  if (move.target->is_directory()) {
    move.target->directory->parent = &move.from;
    add_links(move.to, -1, present);
    add_links(move.from, 1, present);
  }
  touch_directory(move.from, present);
  touch_directory(move.to, present);
  touch_changed(*move.source, present);
  touch_changed(*move.target, present);
}

}  // namespace seabag::providers
