#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seabag::command {

/// A pattern over whole paths, from the root: `*`, `?` and `[...]` stay inside one component, `**`
/// stands for any number of components. A leading slash makes no difference. Immutable.
class PathGlob {
 public:
  explicit PathGlob(std::string_view pattern);

  /// Whether it matches an absolute path.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  std::vector<std::string> components_;
};

}  // namespace seabag::command
