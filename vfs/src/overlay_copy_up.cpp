#include <mutex>
#include <utility>

#include "node_copy.h"
#include "overlay_file.h"
#include "overlay_file_system.h"

namespace seabag::vfs {
namespace {

constexpr std::size_t kBatch = 1024;

/// Gives a directory back the times that a copy-up in it must not change.
Result<void> restore_times(WritableFileSystem& upper, const Attributes& before) {
  (void)SEABAG_TRY(upper.set_attributes(before.node, {.accessed = NewTime::at(before.accessed),
                                                      .modified = NewTime::at(before.modified)}));
  return {};
}

}  // namespace

Result<NodeId> OverlayFileSystem::copy_up(NodeId id) {
  if (const auto upper = upper_of(id)) {
    return *upper;
  }
  if (known_directory(id) != nullptr) {
    return copy_up_directory(id);
  }
  const Place place = SEABAG_TRY(locate(id, "copy-up"));
  const Attributes source = SEABAG_TRY(place.files->attributes(place.node));
  return source.type == FileType::regular ? copy_up_file(id, place, source)
                                          : copy_up_other(id, place, source);
}

Result<NodeId> OverlayFileSystem::copy_up_directory(NodeId id) {
  std::vector<NodeId> missing;
  for (NodeId next = id; !known_directory(next)->upper;) {
    missing.push_back(next);
    const std::lock_guard lock(table_);
    next = known_.at(next).parent;
  }
  for (; !missing.empty(); missing.pop_back()) {
    Known* known = nullptr;
    {
      const std::lock_guard lock(table_);
      known = &known_.at(missing.back());
    }
    // Its id is in the table.
    static_cast<void>(SEABAG_TRY(copy_up_one_directory(*known, missing.back())));
  }
  return *known_directory(id)->upper;
}

Result<NodeId> OverlayFileSystem::copy_up_one_directory(Known& known, NodeId id) {
  const Place place = SEABAG_TRY(locate(id, "copy-up"));
  const Attributes source = SEABAG_TRY(place.files->attributes(place.node));
  const NodeId parent = *known_directory(known.parent)->upper;
  const Attributes before = SEABAG_TRY(upper_->attributes(parent));
  const NodeId made =
      SEABAG_TRY(create_like(*place.files, source, *upper_, parent, known.name)).node;
  const auto complete = [&]() -> Result<void> {
    SEABAG_TRY(copy_xattrs(*place.files, source, *upper_, made));
    (void)SEABAG_TRY(upper_->set_attributes(made, changes_to(source)));
    SEABAG_TRY(restore_times(*upper_, before));
    return ledger_->apply(
        {{.kind = OverlayChange::Kind::origin, .node = made, .base = numbers_.base_of(id)}});
  };
  if (Result<void> completed = complete(); !completed) {
    // The first failure is the one to tell.
    (void)upper_->remove(parent, known.name, RemoveKind::directory);
    return std::move(completed).error();
  }
  known.directory->upper = made;
  forget_lower_subdirectory(known.parent);
  return made;
}

void OverlayFileSystem::forget_lower_subdirectory(NodeId parent) {
  const std::lock_guard lock(table_);
  auto& count = known_.at(parent).directory->lower_subdirectories;
  if (count && *count > 0) {
    --*count;
  }
}

Result<NodeId> OverlayFileSystem::copy_up_file(NodeId id, const Place& place,
                                               const Attributes& source) {
  const std::vector<Name> names = SEABAG_TRY(names_of(id, source));
  const NodeId directory =
      names.empty() ? kRootNode : SEABAG_TRY(copy_up_directory(names.front().parent));
  const auto from = SEABAG_TRY(place.files->open(place.node));
  const auto to = SEABAG_TRY(upper_->create_unnamed(
      directory, {.mode = source.mode, .uid = source.uid, .gid = source.gid}));
  const NodeId made = SEABAG_TRY(to->attributes()).node;
  SEABAG_TRY(copy_content(*from, *to));
  SEABAG_TRY(copy_xattrs(*place.files, source, *upper_, made));
  (void)SEABAG_TRY(upper_->set_attributes(made, changes_to(source)));
  SEABAG_TRY(publish(id, made, names));
  SEABAG_TRY(switch_readers(id, made));
  return made;
}

Result<NodeId> OverlayFileSystem::copy_up_other(NodeId id, const Place& place,
                                                const Attributes& source) {
  std::vector<Name> names = SEABAG_TRY(names_of(id, source));
  const Name first = names.back();
  names.pop_back();
  const NodeId parent = SEABAG_TRY(copy_up_directory(first.parent));
  const Attributes before = SEABAG_TRY(upper_->attributes(parent));
  const NodeId made =
      SEABAG_TRY(create_like(*place.files, source, *upper_, parent, first.name)).node;
  const auto complete = [&]() -> Result<void> {
    (void)SEABAG_TRY(upper_->set_attributes(made, changes_to(source)));
    SEABAG_TRY(restore_times(*upper_, before));
    return publish(id, made, names);
  };
  if (Result<void> completed = complete(); !completed) {
    // The first failure is the one to tell.
    (void)upper_->remove(parent, first.name, RemoveKind::file);
    return std::move(completed).error();
  }
  return made;
}

Result<std::vector<OverlayFileSystem::Name>> OverlayFileSystem::names_of(NodeId id,
                                                                         const Attributes& source) {
  if (source.links > 1 && !is_orphan(id)) {
    SEABAG_TRY(find_linked_names());
    if (const auto found = linked_names_->find(id); found != linked_names_->end()) {
      return found->second;
    }
  }
  const std::lock_guard lock(table_);
  const auto found = known_.find(id);
  if (found == known_.end()) {
    return std::vector<Name>();  // an orphan
  }
  return std::vector<Name>{{.parent = found->second.parent, .name = found->second.name}};
}

/// Only a walk over everything tells where the other names of a file are; but these never change
/// before the file is copied up, so one walk is enough.
Result<void> OverlayFileSystem::find_linked_names() {
  if (linked_names_) {
    return {};
  }
  std::unordered_map<NodeId, std::vector<Name>> names;
  std::vector<Parent> pending{SEABAG_TRY(directory_for(kRootNode, "copy-up"))};
  while (!pending.empty()) {
    const Parent directory = pending.back();
    pending.pop_back();
    std::uint64_t cookie = 0;
    while (true) {
      const auto batch = SEABAG_TRY(rows(directory, cookie, kBatch));
      if (batch.empty()) {
        break;
      }
      cookie = batch.back().cookie;
      for (const DirectoryEntry& row : batch) {
        if (row.type == FileType::directory) {
          pending.push_back(SEABAG_TRY(directory_for(row.node, "copy-up")));
          continue;
        }
        const Place place = SEABAG_TRY(locate(row.node, "copy-up"));
        if (!place.is_upper && SEABAG_TRY(place.files->attributes(place.node)).links > 1) {
          names[row.node].push_back({.parent = directory.id, .name = row.name});
        }
      }
    }
  }
  linked_names_ = std::move(names);
  return {};
}

Result<void> OverlayFileSystem::publish(NodeId id, NodeId made, const std::vector<Name>& names) {
  std::size_t done = 0;
  const auto link_all = [&]() -> Result<void> {
    for (; done < names.size(); ++done) {
      const NodeId parent = SEABAG_TRY(copy_up_directory(names[done].parent));
      const Attributes before = SEABAG_TRY(upper_->attributes(parent));
      (void)SEABAG_TRY(upper_->link(made, parent, names[done].name));
      SEABAG_TRY(restore_times(*upper_, before));
    }
    return ledger_->apply(
        {{.kind = OverlayChange::Kind::origin, .node = made, .base = numbers_.base_of(id)}});
  };
  if (Result<void> linked = link_all(); !linked) {
    for (std::size_t index = 0; index < done; ++index) {
      // The first failure is the one to tell.
      (void)upper_->remove(*known_directory(names[index].parent)->upper, names[index].name,
                           RemoveKind::file);
    }
    return linked;
  }
  if (linked_names_) {
    linked_names_->erase(id);
  }
  const std::lock_guard lock(table_);
  known_.erase(id);
  return {};
}

Result<void> OverlayFileSystem::switch_readers(NodeId id, NodeId upper) {
  const std::lock_guard lock(table_);
  const auto found = readers_.find(id);
  if (found == readers_.end()) {
    return {};
  }
  for (OverlayReader* reader : found->second) {
    reader->switch_to(SEABAG_TRY(upper_->open(upper)));
  }
  return {};
}

}  // namespace seabag::vfs
