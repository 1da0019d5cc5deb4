#include "rule_text.h"

#include <algorithm>

#include "ascii.h"
#include "seabag/http/site_rules.h"

namespace seabag::http {

RuleWord RuleWord::part(std::size_t begin, std::size_t end) const {
  RuleWord piece = *this;
  piece.text = text.substr(begin, end == std::string_view::npos ? end : end - begin);
  piece.column += begin;
  return piece;
}

RuleWord RuleWord::trimmed() const {
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) {
    ++begin;
  }
  return part(begin, begin + trim_blanks(text).size());
}

Error RuleWord::error(std::string detail, std::size_t offset) const {
  const std::string place =
      std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column + offset);
  return make_error(std::errc::invalid_argument, "parse", place, std::move(detail));
}

RuleReader::RuleReader(std::string_view text, std::string_view file) : rest_(text), file_(file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.starts_with(kByteOrderMark)) {
    rest_.remove_prefix(kByteOrderMark.size());
  }
}

Result<std::optional<RuleWord>> RuleReader::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    RuleWord line{.text = rest_.substr(0, end), .file = file_, .line = ++line_};
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.text.ends_with('\r')) {
      line.text.remove_suffix(1);
    }
    const RuleWord content = line.trimmed();
    if (content.text.empty() || content.text.front() == '#') {
      continue;
    }
    if (line.text.size() > kMaxRuleLine) {
      return content.error("line of more than " + std::to_string(kMaxRuleLine) + " characters");
    }
    const auto control = std::find_if(content.text.begin(), content.text.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
    });
    if (control != content.text.end()) {
      return content.error("control character",
                           static_cast<std::size_t>(control - content.text.begin()));
    }
    return std::optional(content);
  }
  return std::optional<RuleWord>();
}

std::vector<RuleWord> split_words(const RuleWord& line) {
  std::vector<RuleWord> words;
  std::size_t at = 0;
  while (at < line.text.size()) {
    if (is_blank(line.text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.text.size() && !is_blank(line.text[end])) {
      ++end;
    }
    if (line.text[at] == '#') {
      break;
    }
    words.push_back(line.part(at, end));
    at = end;
  }
  return words;
}

}  // namespace seabag::http
