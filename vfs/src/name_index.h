#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seabag/vfs/node.h"

namespace seabag::vfs {

/// The names below one node, in both directions: what a name leads to, and where a node is. One
/// thread at a time.
class NameIndex {
 public:
  struct Found {
    NodeId node{};
    FileType type = FileType::regular;
  };

  explicit NameIndex(NodeId root) : root_(root) {}

  [[nodiscard]] NodeId root() const { return root_; }
  /// Whether it is the root or a directory below it.
  [[nodiscard]] bool is_directory(NodeId node) const;
  [[nodiscard]] std::optional<Found> find(NodeId parent, std::string_view name) const;

  /// A name that is there already leads to `found` from now on.
  void put(NodeId parent, std::string_view name, Found found);
  std::optional<Found> erase(NodeId parent, std::string_view name);
  void clear();

  /// Drops what has no way up to the root any more; the directories among it.
  std::vector<NodeId> prune();

  /// The path from the root: empty for itself, `/a/b` for others (one of them, where a file has
  /// several names). Nothing for a node that is not below the root.
  [[nodiscard]] std::optional<std::string> path_of(NodeId node) const;
  [[nodiscard]] std::optional<std::string> path_of(NodeId parent, std::string_view name) const;

 private:
  struct View {
    NodeId parent{};
    std::string_view name;
    friend bool operator==(const View&, const View&) = default;
  };
  struct Key {
    NodeId parent{};
    std::string name;
    operator View() const { return {parent, name}; }  // NOLINT(google-explicit-constructor)
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const View& view) const {
      return std::hash<std::string_view>()(view.name) ^
             (static_cast<std::size_t>(view.parent) * 0x9E3779B97F4A7C15U);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const View& left, const View& right) const { return left == right; }
  };
  using Names = std::unordered_map<Key, Found, Hash, Equal>;

  void forget_place(const Names::value_type& entry);

  NodeId root_;
  Names names_;
  std::unordered_multimap<NodeId, const Names::value_type*> places_;  ///< into names_
};

}  // namespace seabag::vfs
