#include "node_table.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

namespace seabag::providers {
namespace {

constexpr vfs::NodeId kNobody{0};
/// Names remembered of one file, beside the one seen last.
constexpr std::size_t kMaxOtherPlaces = 8;

std::size_t mix(std::uint64_t value) {
  value *= 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(value ^ (value >> 32U));
}

}  // namespace

std::size_t NodeTable::KeyHash::operator()(const Key& key) const {
  return mix(key.inode ^ mix(key.file_system));
}

std::size_t NodeTable::NodeHash::operator()(vfs::NodeId node) const {
  return mix(static_cast<std::uint64_t>(node));
}

NodeTable::NodeTable(const Status& root, Births births)
    : root_file_system_(root.file_system), births_(births) {
  add(root);
}

NodeTable::Moment NodeTable::moment() const {
  return {.changes = changes_, .last_node = last_node_};
}

std::optional<vfs::NodeId> NodeTable::see(const Status& status, vfs::NodeId parent,
                                          std::string_view name, const Moment& since) {
  {
    const std::shared_lock lock(mutex_);
    const vfs::NodeId node = find(status);
    if (node == vfs::kRootNode) {
      return node;
    }
    if (node != kNobody) {
      const Place& known = entries_.find(node)->place;
      if (known.parent == parent && known.name == name) {
        return node;
      }
    }
  }
  const std::unique_lock lock(mutex_);
  // A change that begins after this look tells the table later, and so has the last word.
  if (!holds(since)) {
    return std::nullopt;
  }
  return place_locked(status, parent, name);
}

std::optional<vfs::NodeId> NodeTable::see_new(const Status& status, vfs::NodeId parent,
                                              std::string_view name, const Moment& since) {
  const std::unique_lock lock(mutex_);
  if (!holds(since)) {
    return std::nullopt;
  }
  const vfs::NodeId known = find(status);
  if (known != kNobody && static_cast<std::uint64_t>(known) <= since.last_node) {
    forget(known);
  }
  return place_locked(status, parent, name);
}

vfs::NodeId NodeTable::find_or_place(const Status& status, vfs::NodeId parent,
                                     std::string_view name) {
  const std::unique_lock lock(mutex_);
  const vfs::NodeId node = find(status);
  return node != kNobody ? node : place_locked(status, parent, name);
}

std::optional<vfs::NodeId> NodeTable::find_at(const Status& status, std::string_view path) const {
  const std::shared_lock lock(mutex_);
  const vfs::NodeId node = find(status);
  const Entry* entry = entries_.find(node);
  // From the last name to the first; a circle that others' moves left behind ends with the path.
  while (entry != nullptr && entry->place.parent != kNobody && path.ends_with(entry->place.name)) {
    path.remove_suffix(entry->place.name.size());
    if (entry->place.parent == vfs::kRootNode) {
      return path.empty() ? std::optional(node) : std::nullopt;
    }
    if (!path.ends_with('/')) {
      break;
    }
    path.remove_suffix(1);
    entry = entries_.find(entry->place.parent);
  }
  return std::nullopt;
}

vfs::NodeId NodeTable::place(const Status& status, vfs::NodeId parent, std::string_view name) {
  const std::unique_lock lock(mutex_);
  return place_locked(status, parent, name);
}

vfs::NodeId NodeTable::place_locked(const Status& status, vfs::NodeId parent,
                                    std::string_view name) {
  vfs::NodeId node = find(status);
  if (node == kNobody) {
    node = add(status);
  }
  const bool has_others =
      status.attributes.links > 1 && status.attributes.type != vfs::FileType::directory;
  move_to(node, {.parent = parent, .name = std::string(name)}, has_others);
  return node;
}

vfs::NodeId NodeTable::number_of_nobody() { return vfs::NodeId{++last_node_}; }

vfs::NodeId NodeTable::see_nameless(const Status& status) {
  const std::unique_lock lock(mutex_);
  const vfs::NodeId node = add(status);
  set_life(*entries_.find(node), Life::orphan);
  return node;
}

std::optional<std::string> NodeTable::path(vfs::NodeId node, std::size_t nth) const {
  const std::shared_lock lock(mutex_);
  std::string backwards;
  // What others move about can leave a circle behind; no true path is longer than all nodes.
  for (std::size_t steps = 0; node != vfs::kRootNode; ++steps) {
    const Place* at = known_place(node, steps == 0 ? nth : 0);
    if (at == nullptr || steps > entries_.size()) {
      return std::nullopt;
    }
    if (!backwards.empty()) {
      backwards += '/';
    }
    backwards.append(at->name.rbegin(), at->name.rend());
    node = at->parent;
  }
  if (backwards.empty() && nth > 0) {
    return std::nullopt;
  }
  std::reverse(backwards.begin(), backwards.end());
  return backwards;
}

bool NodeTable::is_node(vfs::NodeId node, const Status& status) const {
  const std::shared_lock lock(mutex_);
  const Entry* found = entries_.find(node);
  return found != nullptr && is_entry(*found, status);
}

void NodeTable::lose(const Status& status, vfs::NodeId parent, std::string_view name, Names names) {
  const std::unique_lock lock(mutex_);
  const vfs::NodeId node = find(status);
  if (node == kNobody || node == vfs::kRootNode) {
    return;
  }
  if (names == Names::all_gone) {
    other_places_.erase(node);
    Entry& entry = *entries_.find(node);
    entry.place = {};
    set_life(entry, Life::orphan);
    if (!open_.contains(node)) {
      forget(node);
    }
    return;
  }
  const auto is_lost = [&](const Place& known) {
    return known.parent == parent && known.name == name;
  };
  const auto [first, last] = other_places_.equal_range(node);
  const auto other =
      std::find_if(first, last, [&](const auto& entry) { return is_lost(entry.second); });
  if (other != last) {
    other_places_.erase(other);
  } else if (Place& place = entries_.find(node)->place; is_lost(place)) {
    place = first == last ? Place{} : std::move(first->second);
    if (first != last) {
      other_places_.erase(first);
    }
  }
}

void NodeTable::close(OpenFiles::Link& link) {
  open_.remove(link);
  if (orphans_ == 0) {
    return;
  }
  const std::unique_lock lock(mutex_);
  const Entry* entry = entries_.find(link.node);
  if (entry != nullptr && entry->life == Life::orphan && !open_.contains(link.node)) {
    forget(link.node);
  }
}

bool NodeTable::is_entry(const Entry& entry, const Status& status) const {
  const bool compares_birth =
      births_ == Births::tell_apart && status.file_system == root_file_system_;
  return entry.key == key_of(status) && entry.type == status.attributes.type &&
         (!compares_birth || entry.born == status.attributes.created);
}

const NodeTable::Place* NodeTable::known_place(vfs::NodeId node, std::size_t nth) const {
  const Entry* entry = entries_.find(node);
  if (entry == nullptr || entry->place.parent == kNobody) {
    return nullptr;
  }
  if (nth == 0) {
    return &entry->place;
  }
  const auto [first, last] = other_places_.equal_range(node);
  if (nth > static_cast<std::size_t>(std::distance(first, last))) {
    return nullptr;
  }
  return &std::next(first, static_cast<std::ptrdiff_t>(nth) - 1)->second;
}

vfs::NodeId NodeTable::find(const Status& status) const {
  const auto found = nodes_.find(key_of(status));
  if (found == nodes_.end() || !is_entry(*entries_.find(found->second), status)) {
    return kNobody;
  }
  return found->second;
}

vfs::NodeId NodeTable::add(const Status& status) {
  const vfs::NodeId node{++last_node_};
  const Key key = key_of(status);
  const auto [known, is_new] = nodes_.try_emplace(key, node);
  if (!is_new) {
    const vfs::NodeId predecessor = known->second;
    forget(predecessor);
    nodes_[key] = node;
  }
  entries_.add(node, {.key = key,
                      .born = status.attributes.created,
                      .type = status.attributes.type,
                      .place = {},
                      .life = Life::named});
  return node;
}

void NodeTable::forget(vfs::NodeId node) {
  Entry& entry = *entries_.find(node);
  set_life(entry, Life::named);
  nodes_.erase(entry.key);
  entries_.erase(node);
  other_places_.erase(node);
}

void NodeTable::set_life(Entry& entry, Life life) {
  if (entry.life == life) {
    return;
  }
  entry.life = life;
  if (life == Life::orphan) {
    ++orphans_;
  } else {
    --orphans_;
  }
}

void NodeTable::move_to(vfs::NodeId node, Place place, bool keeps_others) {
  if (node == vfs::kRootNode) {
    return;
  }
  Entry& entry = *entries_.find(node);
  set_life(entry, Life::named);
  Place& current = entry.place;
  if (current == place) {
    return;
  }
  if (!keeps_others) {
    other_places_.erase(node);
    current = std::move(place);
    return;
  }
  const auto [first, last] = other_places_.equal_range(node);
  const auto known =
      std::find_if(first, last, [&](const auto& other) { return other.second == place; });
  std::swap(current, place);
  if (known != last) {
    known->second = std::move(place);
  } else if (place.parent != kNobody &&
             std::distance(first, last) < static_cast<std::ptrdiff_t>(kMaxOtherPlaces)) {
    other_places_.emplace(node, std::move(place));
  }
}

}  // namespace seabag::providers
