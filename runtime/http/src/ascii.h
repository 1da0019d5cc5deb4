#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace seabag::http {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// tchar of RFC 9110 §5.6.2.
constexpr bool is_token_char(char c) {
  return is_digit(c) || is_alpha(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

inline constexpr std::uint8_t kNoDigit = 16;

/// 0 .. 15, or kNoDigit.
constexpr std::uint8_t hex_value(char c) {
  if (is_digit(c)) {
    return static_cast<std::uint8_t>(c - '0');
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint8_t>(lower - 'a' + 10) : kNoDigit;
}

/// Without spaces and tabs at both ends (OWS of RFC 9110 §5.6.3).
constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// `lower` holds no capital letters.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) {
      return false;
    }
  }
  return true;
}

/// Takes the next member off a comma-separated list, white space around it removed; members may be
/// empty. Not for lists whose members can hold quoted commas.
constexpr std::string_view take_member(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view member = list.substr(0, comma);
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return trim_blanks(member);
}

}  // namespace seabag::http
