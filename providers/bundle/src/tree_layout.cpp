#include "tree_layout.h"

#include <algorithm>
#include <span>

namespace seabag::bundle {
namespace {

/// Where each entry's children begin in an array that is grouped by parent; one more at the end.
std::vector<std::uint32_t> group_starts(const Tree::State& tree) {
  std::vector<std::uint32_t> starts;
  starts.reserve(tree.entries.size() + 1);
  std::uint32_t start = 0;
  for (const PendingEntry& entry : tree.entries) {
    starts.push_back(start);
    start += entry.kind == EntryKind::directory ? entry.count : 0;
  }
  starts.push_back(start);
  return starts;
}

/// All entries but the root, grouped by parent in the order of adding. Uses and restores `starts`.
std::vector<std::uint32_t> group_children(const Tree::State& tree,
                                          std::vector<std::uint32_t>& starts) {
  std::vector<std::uint32_t> children(tree.entries.size() - 1);
  for (std::uint32_t i = 1; i < tree.entries.size(); ++i) {
    children[starts[tree.entries[i].parent]++] = i;
  }
  // Every start has moved to its group's end, which is the next one's start.
  std::copy_backward(starts.begin(), starts.end() - 2, starts.end() - 1);
  starts.front() = 0;
  return children;
}

Result<void> sort_children(const Tree::State& tree, std::span<std::uint32_t> children) {
  const auto name = [&](std::uint32_t i) { return tree.name(tree.entries[i]); };
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); };
  if (!std::is_sorted(children.begin(), children.end(), before)) {
    std::sort(children.begin(), children.end(), before);
  }
  const auto twice =
      std::adjacent_find(children.begin(), children.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return name(a) == name(b); });
  if (twice != children.end()) {
    return make_error(std::errc::file_exists, "add", tree.path(*twice),
                      "the bundle would hold this name twice");
  }
  return {};
}

}  // namespace

Result<TreeLayout> lay_out(const Tree::State& tree) {
  std::vector<std::uint32_t> starts = group_starts(tree);
  std::vector<std::uint32_t> children = group_children(tree, starts);
  TreeLayout layout;
  layout.order.reserve(tree.entries.size());
  layout.order.push_back(0);
  layout.position.resize(tree.entries.size());
  for (std::uint32_t i = 0; i < layout.order.size(); ++i) {
    const std::uint32_t entry = layout.order[i];
    layout.position[entry] = i;
    const auto group =
        std::span(children).subspan(starts[entry], starts[entry + 1] - starts[entry]);
    SEABAG_TRY(sort_children(tree, group));
    layout.order.insert(layout.order.end(), group.begin(), group.end());
  }
  return layout;
}

}  // namespace seabag::bundle
