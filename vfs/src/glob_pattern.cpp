#include "glob_pattern.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "seabag/vfs/path.h"

namespace seabag::vfs {
namespace {

GlobAlternative split(std::string_view pattern) {
  PathComponents rest(pattern);
  GlobAlternative made{.is_absolute = rest.is_absolute(),
                       .directories_only = rest.has_trailing_slash()};
  while (!rest.is_at_end()) {
    const std::string_view text = rest.next();
    GlobComponent component = make_component(text);
    const bool repeats = component.kind == GlobComponent::Kind::any_depth &&
                         !made.components.empty() &&
                         made.components.back().kind == GlobComponent::Kind::any_depth;
    if (!repeats) {
      made.components.push_back(std::move(component));
    }
  }
  return made;
}

/// Row by row: `reached[i]` says whether the first i components match the path so far.
bool matches_components(const std::vector<GlobComponent>& pattern, PathComponents path,
                        Dotfiles dotfiles) {
  const auto is_any_depth = [&](std::size_t index) {
    return pattern[index].kind == GlobComponent::Kind::any_depth;
  };
  // A `**` at the end stands for at least one name, any other for none at least.
  const auto may_be_empty = [&](std::size_t index) {
    return is_any_depth(index) && index + 1 < pattern.size();
  };
  std::vector<bool> reached(pattern.size() + 1, false);
  reached[0] = true;
  if (!pattern.empty() && may_be_empty(0)) {
    reached[1] = true;
  }
  while (!path.is_at_end()) {
    const std::string_view name = path.next();
    std::vector<bool> next(pattern.size() + 1, false);
    for (std::size_t index = 0; index < pattern.size(); ++index) {
      if (is_any_depth(index)) {
        const bool stays = reached[index] || reached[index + 1];
        next[index + 1] = next[index + 1] || (stays && may_descend(name, dotfiles));
      } else if (reached[index] && matches_name(pattern[index], name, dotfiles)) {
        next[index + 1] = true;
      }
      if (next[index + 1] && index + 1 < pattern.size() && may_be_empty(index + 1)) {
        next[index + 2] = true;
      }
    }
    reached = std::move(next);
  }
  return reached.back();
}

}  // namespace

GlobPattern::GlobPattern(std::shared_ptr<const std::vector<GlobAlternative>> alternatives)
    : alternatives_(std::move(alternatives)) {}

Result<GlobPattern> GlobPattern::parse(std::string_view pattern) {
  constexpr const char* kOperation = "glob";
  if (pattern.empty()) {
    return make_error(std::errc::invalid_argument, kOperation, pattern, "the pattern is empty");
  }
  SEABAG_TRY(check_path(pattern, kOperation));
  auto alternatives = std::make_shared<std::vector<GlobAlternative>>();
  for (const std::string& plain : SEABAG_TRY(expand_braces(pattern))) {
    if (!plain.empty()) {
      alternatives->push_back(split(plain));
    }
  }
  return GlobPattern(std::move(alternatives));
}

bool GlobPattern::matches(std::string_view path, Dotfiles dotfiles) const {
  if (path.empty()) {
    return false;
  }
  const PathComponents components(path);
  return std::ranges::any_of(*alternatives_, [&](const GlobAlternative& alternative) {
    return alternative.is_absolute == components.is_absolute() &&
           (!alternative.directories_only || components.has_trailing_slash()) &&
           matches_components(alternative.components, components, dotfiles);
  });
}

}  // namespace seabag::vfs
