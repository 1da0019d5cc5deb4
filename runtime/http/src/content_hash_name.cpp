#include <algorithm>
#include <cstddef>

#include "ascii.h"
#include "seabag/http/header_fields.h"

namespace seabag::http {
namespace {

enum class CharClass : unsigned char { digit, lower, upper, other };

CharClass class_of(char c) {
  if (is_digit(c)) {
    return CharClass::digit;
  }
  if (c >= 'a' && c <= 'z') {
    return CharClass::lower;
  }
  return c >= 'A' && c <= 'Z' ? CharClass::upper : CharClass::other;
}

// What tells the output of a hash from a word, a number, a date or a version: how often digits,
// small and capital letters take turns.
struct Mixture {
  std::size_t changes = 0;
  std::size_t longest_lower = 0;
  bool has_digit = false;
  bool has_upper = false;
  bool has_other = false;
  bool is_hex = true;
  bool is_base32 = true;
};

Mixture analyse(std::string_view text) {
  Mixture mixture;
  std::size_t lower = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const CharClass kind = class_of(c);
    mixture.changes += i > 0 && kind != class_of(text[i - 1]) ? 1U : 0U;
    lower = kind == CharClass::lower ? lower + 1 : 0;
    mixture.longest_lower = std::max(mixture.longest_lower, lower);
    mixture.has_digit = mixture.has_digit || kind == CharClass::digit;
    mixture.has_upper = mixture.has_upper || kind == CharClass::upper;
    mixture.has_other = mixture.has_other || kind == CharClass::other;
    mixture.is_hex = mixture.is_hex && hex_value(c) != kNoDigit;
    mixture.is_base32 = mixture.is_base32 && (kind == CharClass::upper || (c >= '2' && c <= '7'));
  }
  return mixture;
}

bool looks_like_hash(std::string_view text) {
  constexpr std::size_t kShortest = 8;
  constexpr std::size_t kLongest = 64;
  if (text.size() < kShortest || text.size() > kLongest) {
    return false;
  }
  const Mixture mixture = analyse(text);
  if (mixture.has_other) {
    return false;
  }
  if (mixture.is_hex && !mixture.has_upper) {
    return mixture.changes >= 3;
  }
  // Other digits than hexadecimal come in eights. Words run together (`ExtraBoldItalic`) change
  // often too, but have longer runs of small letters.
  if (text.size() != kShortest || !mixture.has_digit) {
    return false;
  }
  return mixture.is_base32 ? mixture.changes >= 3
                           : mixture.changes >= 5 && mixture.longest_lower <= 2;
}

}  // namespace

// The hash is what follows the last `-` of a part between dots, or such a part as a whole, but
// neither the first part as a whole nor the extension.
bool has_content_hash(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t last_dot = name.rfind('.');
  if (last_dot == std::string_view::npos || last_dot == 0) {
    return false;
  }
  const std::string_view extension = name.substr(last_dot + 1);
  if (equals_ignoring_case(extension, "html") || equals_ignoring_case(extension, "htm") ||
      equals_ignoring_case(extension, "xhtml")) {
    return false;
  }
  name = name.substr(0, last_dot);
  bool is_first = true;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(part.size() + 1, name.size()));
    const std::size_t dash = part.rfind('-');
    if (dash != std::string_view::npos ? dash > 0 && looks_like_hash(part.substr(dash + 1))
                                       : !is_first && looks_like_hash(part)) {
      return true;
    }
    is_first = false;
  }
  return false;
}

}  // namespace seabag::http
