#include "tree_watch.h"

#include <utility>
#include <vector>

namespace seabag::vfs {
namespace {

constexpr std::size_t kListBatch = 1024;

/// What was removed or replaced by somebody else in the meantime needs no scan.
bool is_gone(const Error& error) {
  return error.is(kStaleNode) || error.is(std::errc::no_such_file_or_directory) ||
         error.is(std::errc::not_a_directory);
}

}  // namespace

TreeWatch::TreeWatch(Target target, WatchDepth depth, std::shared_ptr<WatchQueue> queue)
    : target_(std::move(target)), depth_(depth), queue_(std::move(queue)), index_(target_.node) {}

TreeWatch::~TreeWatch() {
  observation_.end();
  for (const NodeId node : begun_) {
    target_.changes->interest()->end(node);
  }
}

Result<void> TreeWatch::start() {
  observation_ = SEABAG_TRY(target_.changes->observe(
      [this](const Change& change) { on_change(change); },
      [this]() -> Result<void> {
        const std::lock_guard lock(mutex_);
        const Attributes root = SEABAG_TRY(target_.file_system->attributes(index_.root()));
        if (root.type != FileType::directory) {
          return begin_interest(index_.root());
        }
        return scan(index_.root(), Scan::silent);
      }));
  return {};
}

void TreeWatch::on_change(const Change& change) {
  const std::lock_guard lock(mutex_);
  switch (change.kind) {
    case ChangeKind::created:
      return on_created(change);
    case ChangeKind::modified:
      return on_node(change, WatchEventKind::modified);
    case ChangeKind::attributes:
      return on_node(change, WatchEventKind::attributes);
    case ChangeKind::removed:
      return on_removed(change);
    case ChangeKind::moved:
      return on_moved(change);
    case ChangeKind::exchanged:
      return on_exchanged(change);
    case ChangeKind::lost:
      return on_lost();
  }
}

void TreeWatch::on_created(const Change& change) {
  if (!covers(change.parent)) {
    return;
  }
  const auto known = index_.find(change.parent, change.name);
  if (known && known->node == change.node) {
    return;  // a scan of a directory that others fill was faster
  }
  tell(WatchEventKind::created, change.type, index_.path_of(change.parent, change.name));
  add(change.parent, change.name, {change.node, change.type}, Scan::announce);
}

void TreeWatch::on_removed(const Change& change) {
  if (covers(change.parent)) {
    const auto path = index_.path_of(change.parent, change.name);
    const auto gone = index_.erase(change.parent, change.name);
    tell(WatchEventKind::removed, gone ? gone->type : change.type, path);
    if (gone) {
      drop(*gone);
    }
  } else if (change.node == index_.root()) {
    const auto left = target_.file_system->attributes(change.node);
    const bool has_names = left && left->links > 0 && left->type != FileType::directory;
    tell(has_names ? WatchEventKind::attributes : WatchEventKind::removed, change.type,
         std::string());
  }
}

void TreeWatch::on_moved(const Change& change) {
  const bool from_here = covers(change.parent);
  const bool to_here = covers(change.new_parent);
  const auto from = from_here ? index_.path_of(change.parent, change.name) : std::nullopt;
  const auto known = from_here ? index_.erase(change.parent, change.name) : std::nullopt;
  const NameIndex::Found moved{change.node, change.type};
  if (to_here) {
    const auto to = index_.path_of(change.new_parent, change.new_name);
    if (const auto replaced = index_.erase(change.new_parent, change.new_name)) {
      drop(*replaced);
    }
    if (from && known && known->node == moved.node) {
      tell(WatchEventKind::moved, change.type, to, target_.path + *from);
      if (target_.changes->interest() == nullptr) {
        index_.put(change.new_parent, change.new_name, moved);
      } else {  // others may have moved it while it was being read
        add(change.new_parent, change.new_name, moved, Scan::announce);
      }
    } else if (from) {  // others were quick: what is there now is another node
      tell(WatchEventKind::moved, change.type, to, target_.path + *from);
      drop(known.value_or(moved));
      add(change.new_parent, change.new_name, moved, Scan::announce);
    } else {
      tell(WatchEventKind::created, change.type, to);
      add(change.new_parent, change.new_name, moved, Scan::silent);
    }
  } else if (from_here) {
    tell(WatchEventKind::removed, change.type, from);
    drop(moved);
  } else if (change.node == index_.root()) {
    queue_->push({.kind = WatchEventKind::moved,
                  .type = change.type,
                  .from = target_.path.empty() ? "/" : target_.path});
  } else if (change.other == index_.root() && change.other != NodeId{}) {
    tell(WatchEventKind::removed, change.other_type, std::string());
  }
}

void TreeWatch::on_exchanged(const Change& change) {
  const bool first_here = covers(change.parent);
  const bool second_here = covers(change.new_parent);
  const NameIndex::Found moved{change.node, change.type};
  const NameIndex::Found other{change.other, change.other_type};
  if (first_here && second_here) {
    const auto from = index_.path_of(change.parent, change.name);
    const auto to = index_.path_of(change.new_parent, change.new_name);
    index_.put(change.parent, change.name, other);
    index_.put(change.new_parent, change.new_name, moved);
    tell(WatchEventKind::exchanged, change.type, to, target_.path + from.value_or(""));
    return;
  }
  if (first_here) {
    tell(WatchEventKind::created, other.type, index_.path_of(change.parent, change.name));
    index_.erase(change.parent, change.name);
    drop(moved);
    add(change.parent, change.name, other, Scan::silent);
  } else if (second_here) {
    tell(WatchEventKind::created, moved.type, index_.path_of(change.new_parent, change.new_name));
    index_.erase(change.new_parent, change.new_name);
    drop(other);
    add(change.new_parent, change.new_name, moved, Scan::silent);
  }
}

void TreeWatch::on_node(const Change& change, WatchEventKind kind) {
  if (!change.name.empty()) {
    if (covers(change.parent)) {
      const auto known = index_.find(change.parent, change.name);
      tell(kind, known ? known->type : change.type, index_.path_of(change.parent, change.name));
    }
    return;
  }
  if (target_.changes->interest() != nullptr && change.node != index_.root()) {
    return;  // its directory tells it, with its name
  }
  if (const auto path = index_.path_of(change.node)) {
    const bool is_directory = change.node != index_.root() && index_.is_directory(change.node);
    tell(kind, is_directory ? FileType::directory : change.type, path);
  }
}

void TreeWatch::on_lost() {
  queue_->push({.kind = WatchEventKind::overflow});
  index_.clear();
  if (!scan(index_.root(), Scan::silent)) {
    index_.clear();  // told: the tree is to be looked at anew anyway
  }
  const std::vector<NodeId> before(begun_.begin(), begun_.end());
  for (const NodeId node : before) {
    if (!covers(node)) {
      end_interest(node);
    }
  }
}

bool TreeWatch::covers(NodeId directory) const {
  return directory == index_.root() ||
         (directory != NodeId{} && depth_ == WatchDepth::tree && index_.is_directory(directory));
}

void TreeWatch::add(NodeId parent, std::string_view name, NameIndex::Found found, Scan mode) {
  index_.put(parent, name, found);
  const bool has_entries =
      found.type == FileType::directory && found.node != NodeId{} && depth_ == WatchDepth::tree;
  if (has_entries && !scan(found.node, mode)) {
    queue_->push({.kind = WatchEventKind::overflow});  // what is below cannot be told any more
  }
}

void TreeWatch::drop(const NameIndex::Found& gone) {
  if (gone.type != FileType::directory || depth_ != WatchDepth::tree) {
    return;
  }
  end_interest(gone.node);
  for (const NodeId directory : index_.prune()) {
    end_interest(directory);
  }
}

Result<void> TreeWatch::scan(NodeId top, Scan mode) {
  std::vector<NodeId> pending{top};
  while (!pending.empty()) {
    const NodeId directory = pending.back();
    pending.pop_back();
    auto scanned = scan_one(directory, mode, pending);
    if (!scanned && !is_gone(scanned.error())) {
      return scanned;
    }
  }
  return {};
}

Result<void> TreeWatch::scan_one(NodeId directory, Scan mode, std::vector<NodeId>& pending) {
  SEABAG_TRY(begin_interest(directory));
  std::uint64_t cookie = 0;
  while (true) {
    const auto batch = SEABAG_TRY(target_.file_system->list(directory, cookie, kListBatch));
    if (batch.empty()) {
      return {};
    }
    cookie = batch.back().cookie;
    for (const DirectoryEntry& entry : batch) {
      const auto known = index_.find(directory, entry.name);
      if (entry.type == FileType::directory && depth_ == WatchDepth::tree) {
        pending.push_back(entry.node);
      }
      if (known && known->node == entry.node) {
        continue;
      }
      index_.put(directory, entry.name, {entry.node, entry.type});
      if (mode == Scan::announce) {
        tell(WatchEventKind::created, entry.type, index_.path_of(directory, entry.name));
      }
    }
  }
}

Result<void> TreeWatch::begin_interest(NodeId node) {
  ChangeInterest* interest = target_.changes->interest();
  if (interest != nullptr && !begun_.contains(node)) {
    SEABAG_TRY(interest->begin(node));
    begun_.insert(node);
  }
  return {};
}

void TreeWatch::end_interest(NodeId node) {
  if (begun_.erase(node) != 0) {
    target_.changes->interest()->end(node);
  }
}

void TreeWatch::tell(WatchEventKind kind, FileType type, const std::optional<std::string>& path,
                     std::string from) {
  if (path) {
    std::string whole = target_.path + *path;
    queue_->push({.kind = kind,
                  .type = type,
                  .path = whole.empty() ? "/" : std::move(whole),
                  .from = std::move(from)});
  }
}

}  // namespace seabag::vfs
