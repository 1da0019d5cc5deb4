#include "name_index.h"

#include <utility>

namespace seabag::vfs {

bool NameIndex::is_directory(NodeId node) const {
  if (node == root_) {
    return true;
  }
  const auto place = places_.find(node);
  return place != places_.end() && place->second->second.type == FileType::directory;
}

std::optional<NameIndex::Found> NameIndex::find(NodeId parent, std::string_view name) const {
  const auto entry = names_.find(View{parent, name});
  return entry == names_.end() ? std::nullopt : std::optional<Found>(entry->second);
}

void NameIndex::put(NodeId parent, std::string_view name, Found found) {
  auto entry = names_.find(View{parent, name});
  if (entry == names_.end()) {
    entry = names_.emplace(Key{parent, std::string(name)}, found).first;
  } else {
    forget_place(*entry);
    entry->second = found;
  }
  places_.emplace(found.node, &*entry);
}

std::optional<NameIndex::Found> NameIndex::erase(NodeId parent, std::string_view name) {
  const auto entry = names_.find(View{parent, name});
  if (entry == names_.end()) {
    return std::nullopt;
  }
  const Found found = entry->second;
  forget_place(*entry);
  names_.erase(entry);
  return found;
}

void NameIndex::forget_place(const Names::value_type& entry) {
  const auto [first, last] = places_.equal_range(entry.second.node);
  for (auto place = first; place != last; ++place) {
    if (place->second == &entry) {
      places_.erase(place);
      return;
    }
  }
}

void NameIndex::clear() {
  places_.clear();
  names_.clear();
}

std::vector<NodeId> NameIndex::prune() {
  std::vector<View> lost;
  std::vector<NodeId> directories;
  for (const auto& [key, found] : names_) {
    if (!path_of(key.parent)) {
      lost.push_back(key);
      if (found.type == FileType::directory) {
        directories.push_back(found.node);
      }
    }
  }
  for (const View& name : lost) {
    erase(name.parent, name.name);
  }
  return directories;
}

std::optional<std::string> NameIndex::path_of(NodeId node) const {
  std::vector<std::string_view> names;
  while (node != root_) {
    const auto place = places_.find(node);
    if (place == places_.end() || names.size() == kMaxPathLength) {
      return std::nullopt;
    }
    const Key& key = place->second->first;
    names.push_back(key.name);
    node = key.parent;
  }
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    path.append("/").append(*name);
  }
  return path;
}

std::optional<std::string> NameIndex::path_of(NodeId parent, std::string_view name) const {
  auto path = path_of(parent);
  if (path) {
    path->append("/").append(name);
  }
  return path;
}

}  // namespace seabag::vfs
