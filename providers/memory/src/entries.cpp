#include "entries.h"

#include <cassert>

namespace seabag::providers {

Entries::Entry* Entries::find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second->second;
}

void Entries::insert(std::string_view name, Node& node) {
  const auto place = by_cookie_.emplace_hint(by_cookie_.end(), next_cookie_++,
                                             Entry{.name = std::string(name), .node = &node});
  [[maybe_unused]] const bool is_new = by_name_.emplace(place->second.name, place).second;
  assert(is_new);
}

void Entries::erase(std::string_view name) {
  const auto found = by_name_.find(name);
  assert(found != by_name_.end());
  const Map::iterator place = found->second;
  by_name_.erase(found);
  by_cookie_.erase(place);
}

void Entries::rename(std::string_view from, std::string_view to) {
  const auto found = by_name_.find(from);
  assert(found != by_name_.end());
  const Map::iterator place = found->second;
  by_name_.erase(found);
  place->second.name = to;
  by_name_.emplace(place->second.name, place);
}

}  // namespace seabag::providers
