#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "seabag/bundler/ignore.h"

namespace seabag::bundler {
namespace {

// ASCII only and independent of the locale, so that a pack is the same everywhere.
bool is_upper(char byte) { return byte >= 'A' && byte <= 'Z'; }
bool is_lower(char byte) { return byte >= 'a' && byte <= 'z'; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_alpha(char byte) { return is_upper(byte) || is_lower(byte); }
bool is_alnum(char byte) { return is_alpha(byte) || is_digit(byte); }
bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }
bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool is_print(char byte) { return byte >= ' ' && byte <= '~'; }
bool is_graph(char byte) { return byte > ' ' && byte <= '~'; }
bool is_punct(char byte) { return is_graph(byte) && !is_alnum(byte); }
bool is_cntrl(char byte) { return (byte >= 0 && byte < ' ') || byte == 0x7f; }
bool is_xdigit(char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

struct NamedClass {
  std::string_view name;
  bool (*contains)(char);
};

constexpr std::array<NamedClass, 12> kNamedClasses = {{{"alnum", is_alnum},
                                                       {"alpha", is_alpha},
                                                       {"blank", is_blank},
                                                       {"cntrl", is_cntrl},
                                                       {"digit", is_digit},
                                                       {"graph", is_graph},
                                                       {"lower", is_lower},
                                                       {"print", is_print},
                                                       {"punct", is_punct},
                                                       {"space", is_space},
                                                       {"upper", is_upper},
                                                       {"xdigit", is_xdigit}}};

/// What one `[...]` says about a byte, and how long the expression is. Empty when it never closes
/// or names an unknown class.
class BracketMatch {
 public:
  /// `pattern` starts behind the `[`.
  BracketMatch(std::string_view pattern, char byte) : pattern_(pattern), byte_(byte) {}

  struct Answer {
    bool matches = false;
    std::size_t length = 0;  ///< bytes behind the `[`, the closing `]` included
  };

  std::optional<Answer> run() {
    const bool is_negated = !pattern_.empty() && (pattern_[0] == '!' || pattern_[0] == '^');
    if (is_negated) {
      ++at_;
    }
    for (bool is_first = true; is_first || peek() != ']'; is_first = false) {
      if (!take_member()) {
        return std::nullopt;
      }
    }
    return Answer{.matches = found_ != is_negated, .length = at_ + 1};
  }

 private:
  [[nodiscard]] std::optional<char> peek() const {
    return at_ < pattern_.size() ? std::optional(pattern_[at_]) : std::nullopt;
  }

  std::optional<char> take_byte() {
    if (peek() == '\\') {
      ++at_;
    }
    const std::optional<char> byte = peek();
    ++at_;
    return byte;
  }

  bool take_member() {
    if (pattern_.substr(std::min(at_, pattern_.size())).starts_with("[:")) {
      return take_named_class();
    }
    const std::optional<char> first = take_byte();
    if (!first) {
      return false;
    }
    std::optional<char> last = first;
    if (peek() == '-' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']') {
      ++at_;
      last = take_byte();
      if (!last) {
        return false;
      }
    }
    const auto value = static_cast<unsigned char>(byte_);
    found_ |=
        value >= static_cast<unsigned char>(*first) && value <= static_cast<unsigned char>(*last);
    return true;
  }

  bool take_named_class() {
    const std::size_t end = pattern_.find(":]", at_ + 2);
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view name = pattern_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    for (const NamedClass& named : kNamedClasses) {
      if (named.name == name) {
        found_ |= named.contains(byte_);
        return true;
      }
    }
    return false;
  }

  std::string_view pattern_;  ///< owned by the caller of `matches_segment`
  char byte_;
  std::size_t at_ = 0;
  bool found_ = false;
};

/// Matches one byte against the element at `pattern[0]`; the element's length, or 0.
std::size_t match_element(std::string_view pattern, char byte) {
  switch (pattern[0]) {
    case '?':
      return 1;
    case '[': {
      const auto answer = BracketMatch(pattern.substr(1), byte).run();
      return answer && answer->matches ? answer->length + 1 : 0;
    }
    case '\\':
      return pattern.size() > 1 && pattern[1] == byte ? 2 : 0;
    default:
      return pattern[0] == byte ? 1 : 0;
  }
}

}  // namespace

bool matches_segment(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t position = 0;
  std::optional<std::size_t> retry_at;
  std::size_t retry_position = 0;
  while (position < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      retry_at = ++at;
      retry_position = position;
      continue;
    }
    const std::size_t length =
        at < pattern.size() ? match_element(pattern.substr(at), name[position]) : 0;
    if (length > 0) {
      at += length;
      ++position;
      continue;
    }
    if (!retry_at) {
      return false;
    }
    at = *retry_at;
    position = ++retry_position;
  }
  while (at < pattern.size() && pattern[at] == '*') {
    ++at;
  }
  return at == pattern.size();
}

}  // namespace seabag::bundler
