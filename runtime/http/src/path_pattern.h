#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rule_text.h"
#include "seabag/vfs/result.h"

namespace seabag::http {

/// Most captures (`*` and `:name`) of one pattern.
inline constexpr std::size_t kMaxCaptures = 16;

/// What the captures of a pattern stand for, in the order of `PathPattern::names`. Views into the
/// path that was matched.
using Captures = std::array<std::string_view, kMaxCaptures>;

/// The path pattern of a `_headers` or `_redirects` rule.
class PathPattern {
 public:
  /// Errors: EINVAL at the byte of `word` that is wrong.
  static Result<PathPattern> parse(const RuleWord& word);

  /// Whether a decoded path matches; a slash at its end does not matter unless `*` takes it. The
  /// values of `captures` are set for a match only. Linear in the path for each `*` and `:name`.
  [[nodiscard]] bool matches(std::string_view path, Captures& captures) const;

  /// Names of the captures; that of `*` is `splat`.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  /// The decoded path that is all that matches, for a pattern without captures.
  [[nodiscard]] std::string_view static_path() const { return parts_.front().text; }

 private:
  enum class PartKind : std::uint8_t { literal, placeholder, splat };
  struct Part {
    PartKind kind = PartKind::literal;
    std::string text;
    std::size_t capture = 0;
  };
  class Match;

  Result<void> add_literal(const RuleWord& word, std::size_t begin, std::size_t end);
  Result<void> add_capture(const RuleWord& word, std::size_t at, std::string_view name);
  [[nodiscard]] bool ends_in_splat() const { return parts_.back().kind == PartKind::splat; }

  std::vector<Part> parts_;
  std::vector<std::string> names_;
};

/// Text with `:name` in it, such as the target of a redirect.
class CaptureTemplate {
 public:
  /// A `:name` that is not among `names` is plain text.
  CaptureTemplate(std::string_view text, const std::vector<std::string>& names);

  /// Appends the text with `values` (by the index of their name) in the places of the names.
  void append_to(std::string& out, const std::vector<std::string>& values) const;

  /// Whether the text is the same whatever the values.
  [[nodiscard]] bool is_plain() const { return pieces_.size() == 1; }

 private:
  /// A text, and behind it a value unless this is the last piece.
  struct Piece {
    std::string text;
    std::size_t capture = 0;
  };
  std::vector<Piece> pieces_;
};

/// The size of the placeholder name (`[A-Za-z][A-Za-z0-9_]*`) that `text` starts with; 0 for none.
[[nodiscard]] std::size_t placeholder_size(std::string_view text);

}  // namespace seabag::http
