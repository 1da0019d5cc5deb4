#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Rules of a `.seabagignore` file, with the grammar of gitignore(5).
namespace seabag::bundler {

/// The name of the rule file; it is never packed itself.
inline constexpr std::string_view kIgnoreFileName = ".seabagignore";

enum class IgnoreVerdict : std::uint8_t { undecided, ignored, kept };
enum class IgnoreSubject : std::uint8_t { file, directory };

/// The rules of one file. Immutable; safe for concurrent use.
class IgnoreRules {
 public:
  /// Reads the lines of a rule file. Every text is valid: as in git, a pattern that makes no sense
  /// matches nothing.
  [[nodiscard]] static IgnoreRules parse(std::string_view text);

  /// What the rules say about `path`, relative to the rule file's directory and without leading or
  /// trailing slash. The last matching rule decides.
  [[nodiscard]] IgnoreVerdict decide(std::string_view path, IgnoreSubject subject) const;

  [[nodiscard]] bool is_empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::vector<std::string> segments;  ///< the pattern, divided at its slashes
    bool is_negated = false;
    bool is_directory_only = false;
    bool is_anchored = false;  ///< matches the whole path, not only its last name
  };

  static void parse_line(std::string_view line, std::vector<Rule>& rules);
  static bool matches(const Rule& rule, std::string_view path);

  std::vector<Rule> rules_;
};

/// The rules of a directory and of the directories above it; the deepest that decides wins.
/// Immutable and shared by all directories below.
class IgnoreScope {
 public:
  /// `directory` is relative to the input's root, empty for the root. `parent` may be null.
  IgnoreScope(std::shared_ptr<const IgnoreScope> parent, std::string directory, IgnoreRules rules);

  /// Whether `path`, relative to the input's root, is left out. The caller prunes: what is below an
  /// ignored directory is never asked about, so it cannot be taken back (as in git).
  [[nodiscard]] bool is_ignored(std::string_view path, IgnoreSubject subject) const;

 private:
  std::shared_ptr<const IgnoreScope> parent_;
  std::string directory_;
  IgnoreRules rules_;
};

/// Whether `name` matches one pattern segment: `*`, `?`, `[a-z]`, `[!x]`, `[[:alpha:]]`, `\x`.
[[nodiscard]] bool matches_segment(std::string_view pattern, std::string_view name);

}  // namespace seabag::bundler
