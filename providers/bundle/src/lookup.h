#pragma once

#include <cstdint>
#include <string_view>

#include "seabag/bundle/tables.h"
#include "seabag/vfs/result.h"

/// From names and paths to entries. Nothing here allocates, except to describe a damaged bundle.
namespace seabag::bundle {

/// An entry with its index: never a `link`, those have been followed to what they name.
struct Node {
  std::uint32_t index = 0;
  Entry entry;
};

/// EIO: the tables make no sense at this place.
[[nodiscard]] Error damaged_table(const char* operation);

/// The node of an entry, hard links followed. EIO when damaged.
[[nodiscard]] Result<Node> node_of(const Tables& tables, std::uint32_t entry,
                                   const char* operation);

/// The first child and the number of children of a directory, checked so that no directory can hold
/// itself or what is above it. EIO when damaged.
struct Children {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
[[nodiscard]] Result<Children> children_of(const Tables& tables, const Node& directory,
                                           const char* operation);

/// One step of a walk, by binary search. ENOENT, ENOTDIR, ENAMETOOLONG, EIO.
[[nodiscard]] Result<Node> find_child(const Tables& tables, const Node& directory,
                                      std::string_view name, const char* operation);

/// The walk from the root over every component, symlinks followed: the truth that the path index
/// must agree with. ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EIO.
[[nodiscard]] Result<Node> walk_path(const Tables& tables, std::string_view path);

/// The same answer by the path index, which needs the walk only where symlinks or missing
/// directories are met.
[[nodiscard]] Result<Node> find_path(const Tables& tables, std::string_view path);

/// Whether the path index leads from `path` to this entry; for verification.
[[nodiscard]] bool is_indexed(const Tables& tables, std::string_view path, std::uint32_t entry);

}  // namespace seabag::bundle
