#include "path_glob.h"

#include "seabag/bundler/ignore.h"
#include "seabag/vfs/path.h"

namespace seabag::command {

namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> components;
  vfs::PathComponents rest(path);
  for (std::string_view component = rest.next(); !component.empty(); component = rest.next()) {
    components.emplace_back(component);
  }
  return components;
}

}  // namespace

PathGlob::PathGlob(std::string_view pattern) : components_(split(pattern)) {}

bool PathGlob::matches(std::string_view path) const {
  const std::vector<std::string> names = split(path);
  // reachable[n]: the pattern so far matches the first n names.
  std::vector<bool> reachable(names.size() + 1, false);
  reachable[0] = true;
  for (const std::string& component : components_) {
    std::vector<bool> next(names.size() + 1, false);
    for (std::size_t count = 0; count <= names.size(); ++count) {
      if (component == "**") {
        next[count] = reachable[count] || (count > 0 && next[count - 1]);
      } else if (count > 0) {
        next[count] = reachable[count - 1] && bundler::matches_segment(component, names[count - 1]);
      }
    }
    reachable = std::move(next);
  }
  return reachable[names.size()];
}

}  // namespace seabag::command
