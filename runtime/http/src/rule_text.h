#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/result.h"

namespace seabag::http {

/// A piece of a rule file and where it is; owner of the views: whoever reads the file.
struct RuleWord {
  std::string_view text;
  std::string_view file;
  /// Both from 1; columns are bytes.
  std::size_t line = 1;
  std::size_t column = 1;

  /// Bytes `begin` .. `end` of this one.
  [[nodiscard]] RuleWord part(std::size_t begin, std::size_t end = std::string_view::npos) const;
  /// Without blanks at both ends.
  [[nodiscard]] RuleWord trimmed() const;
  /// EINVAL whose path is `file:line:column` of the byte `offset`.
  [[nodiscard]] Error error(std::string detail, std::size_t offset = 0) const;
};

/// Goes through a rule file line by line; a byte order mark and the CR of CRLF are left out.
class RuleReader {
 public:
  RuleReader(std::string_view text, std::string_view file);

  /// The next line that is neither empty nor a comment, trimmed; nothing at the end. EINVAL for a
  /// line that is too long or holds a control.
  [[nodiscard]] Result<std::optional<RuleWord>> next();

 private:
  std::string_view rest_;
  std::string_view file_;
  std::size_t line_ = 0;
};

/// The words of a line, without those from the first `#` on that starts a word.
[[nodiscard]] std::vector<RuleWord> split_words(const RuleWord& line);

}  // namespace seabag::http
