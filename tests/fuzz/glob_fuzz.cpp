// Patterns. Whatever the bytes: parsing ends, an escaped path matches itself and nothing else,
// asking for dotfiles only adds matches, names agree with fnmatch(3), and components with a matcher
// that tries everything.
//
// An input is a pattern, a newline, and a path.
#include <fnmatch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/glob.h"
#include "seabag/vfs/path.h"

namespace {

using namespace seabag;
using namespace seabag::vfs;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> names;
  PathComponents rest(path);
  while (!rest.is_at_end()) {
    names.emplace_back(rest.next());
  }
  return names;
}

bool has_any(std::string_view text, std::string_view bytes) {
  return text.find_first_of(bytes) != std::string_view::npos;
}

void check_escaped(std::string_view path) {
  std::string escaped;
  for (const char byte : path) {
    if (std::string_view("*?[]{},\\").find(byte) != std::string_view::npos) {
      escaped.push_back('\\');
    }
    escaped.push_back(byte);
  }
  const auto pattern = GlobPattern::parse(escaped);
  if (!pattern) {
    return;
  }
  require(pattern->matches(path, Dotfiles::skip));
  require(pattern->matches(path, Dotfiles::include));
  require(!pattern->matches(std::string(path) + "x", Dotfiles::include));
}

/// fnmatch knows `*` and `?`, and no more than that in the same way.
void check_name(const std::string& pattern, const std::string& name) {
  if (has_any(pattern, "[{}\\/") || has_any(name, "/") || name.empty() || pattern.empty() ||
      std::ranges::any_of(pattern + name, [](char byte) { return (byte & 0x80) != 0; }) ||
      pattern == "**") {
    return;
  }
  const auto parsed = GlobPattern::parse(pattern);
  require(parsed.has_value());
  const bool expected = fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0;
  require(parsed->matches(name, Dotfiles::skip) == expected);
}

bool matches_alone(const std::string& pattern, const std::string& name) {
  const auto parsed = GlobPattern::parse(pattern);
  return parsed && parsed->matches(name, Dotfiles::skip);
}

bool matches_slowly(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) {
    return path.empty();
  }
  if (pattern[0] != "**") {
    return !path.empty() && matches_alone(pattern[0], path[0]) &&
           matches_slowly(pattern.subspan(1), path.subspan(1));
  }
  const bool is_last = std::ranges::all_of(pattern, [](auto& text) { return text == "**"; });
  const bool may_be_empty = !is_last;
  if (may_be_empty && matches_slowly(pattern.subspan(1), path)) {
    return true;
  }
  if (path.empty() || path[0].starts_with('.')) {
    return false;
  }
  return (is_last && path.size() == 1) || matches_slowly(pattern, path.subspan(1));
}

void check_components(const std::string& pattern, const std::string& path) {
  const auto patterns = components_of(pattern);
  const auto names = components_of(path);
  if (has_any(pattern, "{}\\") || patterns.size() > 6 || names.size() > 6 || names.empty() ||
      pattern.starts_with('/') != path.starts_with('/') || pattern.ends_with('/')) {
    return;
  }
  const auto parsed = GlobPattern::parse(pattern);
  if (parsed) {
    require(parsed->matches(path, Dotfiles::skip) == matches_slowly(patterns, names));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t newline = std::min(input.find('\n'), input.size());
  const std::string pattern = input.substr(0, newline);
  const std::string path = input.substr(std::min(newline + 1, input.size()));
  const auto parsed = GlobPattern::parse(pattern);
  if (parsed) {
    const bool plainly = parsed->matches(path, Dotfiles::skip);
    require(!plainly || parsed->matches(path, Dotfiles::include));
  } else {
    require(!parsed.error().message().empty());
  }
  if (path.find('\0') == std::string::npos && pattern.find('\0') == std::string::npos) {
    check_escaped(path);
    check_name(pattern, path);
    check_components(pattern, path);
  }
  return 0;
}
