#include "entries.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>

namespace seabag::providers {
namespace {

constexpr std::size_t kFewestCells = 8;

/// Three of four cells may be in use.
std::size_t cells_for(std::size_t rows) {
  return std::max(kFewestCells, std::bit_ceil(rows + rows / 3 + 1));
}

}  // namespace

inline std::uint32_t Entries::hash_of(std::string_view name) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(name));
}

inline std::size_t Entries::cell_of(std::string_view name, std::uint32_t hash) const {
  const std::size_t mask = cells_.size() - 1;
  std::size_t cell = hash & mask;
  while (cells_[cell].row != 0 &&
         (cells_[cell].hash != hash || rows_[cells_[cell].row - 1].name != name)) {
    cell = (cell + 1) & mask;
  }
  return cell;
}

Entries::Entry* Entries::find(std::string_view name) {
  if (count_ == 0) {
    return nullptr;
  }
  const Cell& cell = cells_[cell_of(name, hash_of(name))];
  return cell.row == 0 ? nullptr : &rows_[cell.row - 1];
}

void Entries::insert(std::string_view name, Node& node) {
  make_room();
  rows_.push_back({.name = std::string(name), .node = &node, .cookie = next_cookie_++});
  ++count_;
  index_row(rows_.size() - 1);
}

void Entries::erase(std::string_view name) {
  const std::size_t cell = cell_of(name, hash_of(name));
  assert(cells_[cell].row != 0);
  const std::size_t row = cells_[cell].row - 1;
  free_cell(cell);
  rows_[row].node = nullptr;
  rows_[row].name = std::string();
  --count_;
  while (first_ < rows_.size() && rows_[first_].node == nullptr) {
    ++first_;
  }
  if (count_ == 0) {
    rows_ = {};
    cells_ = {};
    first_ = 0;
  }
}

void Entries::rename(std::string_view from, std::string_view to) {
  const std::size_t cell = cell_of(from, hash_of(from));
  assert(cells_[cell].row != 0);
  const std::size_t row = cells_[cell].row - 1;
  free_cell(cell);
  rows_[row].name = to;
  index_row(row);
}

const Entries::Entry* Entries::after(std::uint64_t cookie) const {
  const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto found = std::upper_bound(
      begin, rows_.end(), cookie,
      [](std::uint64_t sought, const Entry& entry) { return sought < entry.cookie; });
  return present_from(static_cast<std::size_t>(found - rows_.begin()));
}

const Entries::Entry* Entries::present_from(std::size_t row) const {
  while (row < rows_.size() && rows_[row].node == nullptr) {
    ++row;
  }
  return row < rows_.size() ? &rows_[row] : nullptr;
}

void Entries::index_row(std::size_t row) {
  const std::uint32_t hash = hash_of(rows_[row].name);
  const std::size_t mask = cells_.size() - 1;
  std::size_t cell = hash & mask;
  while (cells_[cell].row != 0) {
    cell = (cell + 1) & mask;
  }
  cells_[cell] = {.hash = hash, .row = static_cast<std::uint32_t>(row + 1)};
}

void Entries::free_cell(std::size_t cell) {
  // Those that were pushed on by this one move up, so that no search ends too early.
  const std::size_t mask = cells_.size() - 1;
  std::size_t hole = cell;
  for (std::size_t next = (cell + 1) & mask; cells_[next].row != 0; next = (next + 1) & mask) {
    const std::size_t home = cells_[next].hash & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      cells_[hole] = cells_[next];
      hole = next;
    }
  }
  cells_[hole] = {};
}

void Entries::make_room() {
  const bool is_sparse = rows_.size() == rows_.capacity() && count_ < rows_.size() / 2;
  if (is_sparse) {
    std::erase_if(rows_, [](const Entry& entry) { return entry.node == nullptr; });
    first_ = 0;
  }
  if (is_sparse || cells_for(count_ + 1) > cells_.size()) {
    rebuild_index();
  }
}

void Entries::rebuild_index() {
  cells_.assign(cells_for(count_ + 1), {});
  for (std::size_t row = first_; row < rows_.size(); ++row) {
    if (rows_[row].node != nullptr) {
      index_row(row);
    }
  }
}

}  // namespace seabag::providers
