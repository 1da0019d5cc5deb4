#include "direct_path.h"

#include <cstddef>

#include "seabag/vfs/path.h"

namespace seabag::vfs {
namespace {

/// Which no name is: `.` and `..`, or nothing.
bool is_empty_or_dots(std::string_view name) {
  return name.size() <= 2 && (name.empty() || (name.front() == '.' && name.back() == '.'));
}

/// Whether these are names with one `/` between two. As is_valid_name, but in one pass: this is a
/// part of every open, and names are too short for a search to be worth its call.
bool is_plain(std::string_view path) {
  std::size_t begin = 0;
  for (std::size_t end = 0; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '/') {
      if (path[end] == '\0') {
        return false;
      }
      continue;
    }
    const std::string_view name = path.substr(begin, end - begin);
    if (name.size() > kMaxNameLength || is_empty_or_dots(name)) {
      return false;
    }
    begin = end + 1;
  }
  return true;
}

}  // namespace

std::optional<DirectPath> find_direct_path(const MountNode& mounts, std::string_view path) {
  if (path.empty() || path.size() >= kMaxPathLength) {
    return std::nullopt;
  }
  const MountNode* point = &mounts;
  PathComponents components(path);
  std::string_view rest = components.rest();
  // `.` and `..` are names of no mount point, and in the rest they are not plain. What lies under a
  // directory on the way to a mount point does not matter: a walk goes on to that point as well.
  while (!point->children.empty()) {
    const MountNode* child = point->children.find(components.next());
    if (child == nullptr) {
      break;
    }
    point = child;
    rest = components.rest();
  }
  if (point->top == nullptr || !(rest.empty() || is_plain(rest))) {
    return std::nullopt;
  }
  return DirectPath{.mount = point->top, .path = rest};
}

}  // namespace seabag::vfs
