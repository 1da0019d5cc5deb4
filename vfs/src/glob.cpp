#include "seabag/vfs/glob.h"

#include <algorithm>
#include <map>
#include <utility>

#include "glob_pattern.h"
#include "seabag/vfs/shortcuts.h"

namespace seabag::vfs {
namespace {

/// How far one alternative has matched: its first `component` components.
struct State {
  const GlobAlternative* alternative = nullptr;  ///< owned by the pattern
  std::size_t component = 0;

  [[nodiscard]] bool is_complete() const { return component == alternative->components.size(); }
  [[nodiscard]] const GlobComponent& next() const { return alternative->components[component]; }
  friend bool operator==(const State&, const State&) = default;
};

/// A name in a directory that is walked.
struct Child {
  std::vector<State> states;
  FileType type = FileType::regular;
};
using Children = std::map<std::string, Child>;

bool is_any_depth(const State& state) {
  return !state.is_complete() && state.next().kind == GlobComponent::Kind::any_depth;
}

/// Adds a state and, behind a `**` that may stand for nothing, the one after it.
void reach(std::vector<State>& states, State state) {
  while (true) {
    if (std::ranges::find(states, state) == states.end()) {
      states.push_back(state);
    }
    if (!is_any_depth(state) || state.component + 1 == state.alternative->components.size()) {
      return;
    }
    ++state.component;
  }
}

/// Whether a directory simply has no matches.
bool is_unreadable(const Error& error) {
  return error.is(std::errc::no_such_file_or_directory) || error.is(std::errc::not_a_directory) ||
         error.is(std::errc::permission_denied) || error.is(kStaleNode) ||
         error.is(std::errc::too_many_symbolic_link_levels) ||
         error.is(std::errc::filename_too_long);
}

/// What is left out.
class Exclusions {
 public:
  static Result<Exclusions> parse(const std::vector<std::string>& patterns) {
    Exclusions made;
    for (const std::string& pattern : patterns) {
      auto& list = pattern.find('/') == std::string::npos ? made.names_ : made.paths_;
      list.push_back(SEABAG_TRY(GlobPattern::parse(pattern)));
    }
    return made;
  }

  [[nodiscard]] bool hold(std::string_view path, std::string_view name) const {
    return any(names_, name) || any(paths_, path);
  }

 private:
  static bool any(const std::vector<GlobPattern>& patterns, std::string_view text) {
    return std::ranges::any_of(patterns, [&](const GlobPattern& pattern) {
      return pattern.matches(text, Dotfiles::include);
    });
  }

  std::vector<GlobPattern> names_;
  std::vector<GlobPattern> paths_;
};

/// One walk for patterns that all are absolute, or all are not. Every directory is listed at most
/// once for each way that leads to it, whatever the number of alternatives.
class GlobWalk {
 public:
  GlobWalk(const Namespace& files, const GlobOptions& options, const Exclusions& exclusions)
      : files_(files), options_(options), exclusions_(exclusions) {}

  Result<void> run(std::vector<State> states, bool is_absolute) {
    if (std::erase_if(states, [](const State& state) { return state.is_complete(); }) != 0) {
      found_.push_back("/");  // a pattern of nothing but slashes
    }
    pending_.push_back({is_absolute ? "/" : "", std::move(states)});
    while (!pending_.empty()) {
      const Directory directory = std::move(pending_.back());
      pending_.pop_back();
      SEABAG_TRY(enter(directory));
    }
    return {};
  }

  [[nodiscard]] std::vector<std::string> take() && { return std::move(found_); }

 private:
  struct Directory {
    std::string path;  ///< empty for the root of relative patterns
    std::vector<State> states;
  };

  static std::string join(const std::string& directory, std::string_view name) {
    const bool needs_slash = !directory.empty() && !directory.ends_with('/');
    return directory + (needs_slash ? "/" : "") + std::string(name);
  }

  Result<void> enter(const Directory& directory) {
    Children children;
    SEABAG_TRY(look_up(directory, children));
    SEABAG_TRY(list(directory, children));
    for (auto& [name, child] : children) {
      SEABAG_TRY(take_child(directory, name, child));
    }
    return {};
  }

  /// Names that are written out need no listing.
  Result<void> look_up(const Directory& directory, Children& children) {
    for (const State& state : directory.states) {
      if (state.is_complete() || state.next().kind != GlobComponent::Kind::literal) {
        continue;
      }
      const std::string& name = state.next().text;
      const auto found = files_.lstat(join(directory.path, name));
      if (!found) {
        if (!is_unreadable(found.error())) {
          return found.error();
        }
        continue;
      }
      Child& child = children[name];
      child.type = found->type;
      reach(child.states, {state.alternative, state.component + 1});
    }
    return {};
  }

  Result<void> list(const Directory& directory, Children& children) {
    const bool needed = std::ranges::any_of(directory.states, [](const State& state) {
      return !state.is_complete() && state.next().kind != GlobComponent::Kind::literal;
    });
    if (!needed) {
      return {};
    }
    const auto entries = files_.list(directory.path.empty() ? "/" : directory.path);
    if (!entries) {
      if (is_unreadable(entries.error())) {
        return {};
      }
      return entries.error();
    }
    for (const DirectoryEntry& entry : *entries) {
      const std::vector<State> states = advance(directory.states, entry);
      if (!states.empty()) {
        Child& child = children[entry.name];
        child.type = entry.type;
        for (const State& state : states) {
          reach(child.states, state);
        }
      }
    }
    return {};
  }

  [[nodiscard]] std::vector<State> advance(const std::vector<State>& from,
                                           const DirectoryEntry& entry) const {
    std::vector<State> to;
    for (const State& state : from) {
      if (state.is_complete() || state.next().kind == GlobComponent::Kind::literal) {
        continue;
      }
      const State next{state.alternative, state.component + 1};
      if (!is_any_depth(state)) {
        if (matches_name(state.next(), entry.name, options_.dotfiles)) {
          reach(to, next);
        }
      } else if (may_descend(entry.name, options_.dotfiles)) {
        if (next.is_complete()) {
          reach(to, next);
        }
        if (entry.type == FileType::directory) {
          reach(to, state);
        }
      }
    }
    return to;
  }

  Result<void> take_child(const Directory& directory, const std::string& name, Child& child) {
    std::string path = join(directory.path, name);
    if (exclusions_.hold(path, name)) {
      return {};
    }
    if (SEABAG_TRY(is_match(path, child))) {
      found_.push_back(path);
    }
    std::erase_if(child.states, [](const State& state) { return state.is_complete(); });
    const bool may_enter = child.type == FileType::directory || child.type == FileType::symlink;
    if (may_enter && !child.states.empty()) {
      pending_.push_back({std::move(path), std::move(child.states)});
    }
    return {};
  }

  [[nodiscard]] Result<bool> is_match(const std::string& path, const Child& child) const {
    bool for_directories = false;
    for (const State& state : child.states) {
      if (state.is_complete() && !state.alternative->directories_only) {
        return true;
      }
      for_directories = for_directories || state.is_complete();
    }
    if (!for_directories || child.type != FileType::symlink) {
      return for_directories && child.type == FileType::directory;
    }
    const auto target = files_.stat(path);
    if (!target && !is_unreadable(target.error())) {
      return target.error();
    }
    return target && target->type == FileType::directory;
  }

  const Namespace& files_;
  const GlobOptions& options_;
  const Exclusions& exclusions_;
  std::vector<Directory> pending_;
  std::vector<std::string> found_;
};

}  // namespace

Result<std::vector<std::string>> glob(const Namespace& files, std::string_view pattern,
                                      const GlobOptions& options) {
  const GlobPattern parsed = SEABAG_TRY(GlobPattern::parse(pattern));
  const Exclusions exclusions = SEABAG_TRY(Exclusions::parse(options.exclude));
  GlobWalk walk(files, options, exclusions);
  for (const bool is_absolute : {true, false}) {
    std::vector<State> states;
    for (const GlobAlternative& alternative : *parsed.alternatives_) {
      if (alternative.is_absolute == is_absolute) {
        reach(states, {&alternative, 0});
      }
    }
    if (!states.empty()) {
      SEABAG_TRY(walk.run(std::move(states), is_absolute));
    }
  }
  std::vector<std::string> found = std::move(walk).take();
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace seabag::vfs
