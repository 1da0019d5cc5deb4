#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/glob.h"

namespace seabag::vfs {

/// What one byte of a name, or for `*` any number of them, is held against.
struct GlobToken {
  enum class Kind : std::uint8_t { byte, any, star, set };
  Kind kind = Kind::byte;
  unsigned char byte = 0;
  std::size_t set = 0;  ///< which of GlobComponent::sets
};

/// One component of a pattern.
struct GlobComponent {
  enum class Kind : std::uint8_t { literal, wildcard, any_depth };
  Kind kind = Kind::literal;
  std::string text = {};                    ///< of a literal, without escapes
  std::vector<GlobToken> tokens = {};       ///< of a wildcard
  std::vector<std::bitset<256>> sets = {};  ///< of a wildcard: its bracket expressions
};

/// A pattern without braces.
struct GlobAlternative {
  std::vector<GlobComponent> components;
  bool is_absolute = false;
  bool directories_only = false;
};

/// Whether a name matches a component that is a literal or a wildcard. Linear in the product of
/// both lengths.
[[nodiscard]] bool matches_name(const GlobComponent& component, std::string_view name,
                                Dotfiles dotfiles);

/// Whether `**` may pass through a directory of this name.
[[nodiscard]] inline bool may_descend(std::string_view name, Dotfiles dotfiles) {
  return dotfiles == Dotfiles::include || !name.starts_with('.');
}

/// Where the bracket expression that opens at `begin` ends, behind its `]`; `begin` when it is not
/// closed in its component.
[[nodiscard]] std::size_t bracket_end(std::string_view pattern, std::size_t begin);

/// The component that a pattern has between two slashes.
[[nodiscard]] GlobComponent make_component(std::string_view text);

/// The patterns that the braces of `pattern` stand for. EINVAL when they are too many.
[[nodiscard]] Result<std::vector<std::string>> expand_braces(std::string_view pattern);

}  // namespace seabag::vfs
