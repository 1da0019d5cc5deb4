#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

/// Finding paths by pattern (glob(7), with the `{}` and `**` of shells):
///
///     *       any bytes of one name            ?      one byte of a name
///     [a-z]   one of these, [!a-z] or [^a-z] one of the others
///     {a,b}   either; groups nest and may hold slashes. Without a comma the braces are literal.
///     **      as a whole component: any number of directories, none included; at the end,
///             everything below
///     \x      x literally
///
/// A bracket that is not closed is literal. A trailing slash asks for directories only.
namespace seabag::vfs {

/// Whether `*`, `?`, `[...]` and `**` match names that start with a dot. A dot that is written out
/// always does.
enum class Dotfiles : std::uint8_t { skip, include };

/// Most alternatives that the braces of one pattern may have together.
inline constexpr std::size_t kMaxGlobAlternatives = 1024;

struct GlobAlternative;
struct GlobOptions;

/// A parsed pattern. Cheap to copy; safe for concurrent use.
class GlobPattern {
 public:
  /// EINVAL for an empty pattern, a NUL byte and too many alternatives, ENAMETOOLONG from
  /// kMaxPathLength bytes on.
  [[nodiscard]] static Result<GlobPattern> parse(std::string_view pattern);

  /// Whether the whole of `path` matches, written as the pattern is (with a leading slash, or
  /// without). Needs time in proportion to the product of both lengths, whatever they hold. A
  /// pattern with a trailing slash matches a path with one.
  [[nodiscard]] bool matches(std::string_view path, Dotfiles dotfiles = Dotfiles::skip) const;

 private:
  friend Result<std::vector<std::string>> glob(const Namespace& files, std::string_view pattern,
                                               const GlobOptions& options);
  explicit GlobPattern(std::shared_ptr<const std::vector<GlobAlternative>> alternatives);

  std::shared_ptr<const std::vector<GlobAlternative>> alternatives_;  ///< its braces expanded
};

struct GlobOptions {
  Dotfiles dotfiles = Dotfiles::skip;
  /// Patterns of what is left out; a directory among it is not even entered. Without a slash they
  /// are names at any depth (`node_modules`), else whole paths. Dots need no dot here.
  std::vector<std::string> exclude = {};
};

/// All paths that match, sorted bytewise, each once, written as the pattern is. `**` does not enter
/// symlinked directories; other components follow symlinks, as paths do. Directories that are gone
/// meanwhile or may not be read have no matches. Errors: those of GlobPattern::parse, EIO.
[[nodiscard]] Result<std::vector<std::string>> glob(const Namespace& files,
                                                    std::string_view pattern,
                                                    const GlobOptions& options = {});

}  // namespace seabag::vfs
