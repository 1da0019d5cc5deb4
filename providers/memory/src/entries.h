#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seabag::providers {

struct Node;

/// The names in one directory. Each entry keeps its cookie for life and new ones come last, so a
/// listing that goes on after a cookie meets every survivor exactly once. The tree's lock guards
/// it.
class Entries {
 public:
  struct Entry {
    std::string name;
    Node* node = nullptr;  ///< owned by the tree; null where an entry was taken away
    std::uint64_t cookie = 0;
  };

  [[nodiscard]] bool is_empty() const { return count_ == 0; }

  /// Null when there is no such name. Valid until the next change.
  [[nodiscard]] Entry* find(std::string_view name);

  /// Adds a name that is not there yet.
  void insert(std::string_view name, Node& node);

  /// Takes a name away that is there.
  void erase(std::string_view name);

  /// Gives an entry another name that is not there yet; its place in listings stays.
  void rename(std::string_view from, std::string_view to);

  /// The first entry behind `cookie`; null at the end.
  [[nodiscard]] const Entry* after(std::uint64_t cookie) const;
  /// The one that follows an entry of this directory; null at the end.
  [[nodiscard]] const Entry* next(const Entry& entry) const {
    return present_from(static_cast<std::size_t>(&entry - rows_.data()) + 1);
  }

 private:
  /// Where an entry is, found by a part of its name's hash so that a search seldom meets another
  /// entry's name. Open addressing with linear probing.
  struct Cell {
    std::uint32_t hash = 0;
    std::uint32_t row = 0;  ///< counted from 1; 0: free
  };

  static std::uint32_t hash_of(std::string_view name);
  [[nodiscard]] const Entry* present_from(std::size_t row) const;
  /// The name's cell, or the free one where it would be; there are cells.
  [[nodiscard]] std::size_t cell_of(std::string_view name, std::uint32_t hash) const;
  void index_row(std::size_t row);
  void free_cell(std::size_t cell);
  /// Makes room for one more entry: drops the rows that were taken away when they are many.
  void make_room();
  void rebuild_index();

  std::vector<Entry> rows_;  ///< by cookie
  std::vector<Cell> cells_;  ///< a power of two, never full; none while there are no rows
  std::size_t count_ = 0;    ///< entries that are there
  std::size_t first_ = 0;    ///< no entry that is there stands before this row
  std::uint64_t next_cookie_ = 1;
};

}  // namespace seabag::providers
