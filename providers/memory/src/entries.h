#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace seabag::providers {

struct Node;

/// The names in one directory. Each entry keeps its cookie for life and new ones come last, so a
/// listing that goes on after a cookie meets every survivor exactly once. The tree's lock guards
/// it.
class Entries {
 public:
  struct Entry {
    std::string name;
    Node* node = nullptr;  ///< owned by the tree
  };
  using Map = std::map<std::uint64_t, Entry>;

  [[nodiscard]] bool is_empty() const { return by_cookie_.empty(); }

  /// Null when there is no such name.
  [[nodiscard]] Entry* find(std::string_view name);

  /// Adds a name that is not there yet.
  void insert(std::string_view name, Node& node);

  /// Takes a name away that is there.
  void erase(std::string_view name);

  /// Gives an entry another name that is not there yet; its place in listings stays.
  void rename(std::string_view from, std::string_view to);

  /// The first entry behind `cookie`.
  [[nodiscard]] Map::const_iterator after(std::uint64_t cookie) const {
    return by_cookie_.upper_bound(cookie);
  }
  [[nodiscard]] Map::const_iterator end() const { return by_cookie_.end(); }

 private:
  Map by_cookie_;
  /// Keys are views of the names in `by_cookie_`, whose nodes never move.
  std::unordered_map<std::string_view, Map::iterator> by_name_;
  std::uint64_t next_cookie_ = 1;
};

}  // namespace seabag::providers
