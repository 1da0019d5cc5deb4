#include "seabag/bundler/ignore.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace seabag::bundler {
namespace {

std::vector<std::string_view> split(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(divider, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) {
      return parts;
    }
    start = end + 1;
  }
}

/// Trailing spaces go, unless the last one is quoted by a backslash.
std::string_view without_trailing_spaces(std::string_view line) {
  while (line.ends_with(' ')) {
    std::size_t backslashes = 0;
    while (backslashes + 1 < line.size() && line[line.size() - 2 - backslashes] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 1) {
      break;
    }
    line.remove_suffix(1);
  }
  return line;
}

/// Matches components against segments, where `**` stands for any number of components. Going back
/// to the last `**` alone is enough, as it is for `*` within a name.
bool matches_path(const std::vector<std::string>& segments,
                  const std::vector<std::string_view>& components) {
  std::size_t segment = 0;
  std::size_t component = 0;
  std::optional<std::size_t> retry_segment;
  std::size_t retry_component = 0;
  while (component < components.size()) {
    if (segment < segments.size() && segments[segment] == "**") {
      if (segment + 1 == segments.size()) {
        return true;  // at least one component is left for a final `**`
      }
      retry_segment = ++segment;
      retry_component = component;
      continue;
    }
    if (segment < segments.size() && matches_segment(segments[segment], components[component])) {
      ++segment;
      ++component;
      continue;
    }
    if (!retry_segment) {
      return false;
    }
    segment = *retry_segment;
    component = ++retry_component;
  }
  return segment == segments.size();
}

}  // namespace

IgnoreRules IgnoreRules::parse(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  IgnoreRules rules;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    parse_line(line, rules.rules_);
  }
  return rules;
}

void IgnoreRules::parse_line(std::string_view line, std::vector<Rule>& rules) {
  if (line.starts_with('#')) {
    return;
  }
  line = without_trailing_spaces(line);
  Rule rule;
  if (line.starts_with('!')) {
    rule.is_negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.is_directory_only = true;
    line.remove_suffix(1);
  }
  rule.is_anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) {
    line.remove_prefix(1);
  }
  if (line.empty()) {
    return;
  }
  for (const std::string_view part : split(line, '/')) {
    rule.segments.emplace_back(part);
  }
  rules.push_back(std::move(rule));
}

bool IgnoreRules::matches(const Rule& rule, std::string_view path) {
  if (!rule.is_anchored) {
    return matches_segment(rule.segments.front(), path.substr(path.rfind('/') + 1));
  }
  return matches_path(rule.segments, split(path, '/'));
}

IgnoreVerdict IgnoreRules::decide(std::string_view path, IgnoreSubject subject) const {
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->is_directory_only && subject != IgnoreSubject::directory) {
      continue;
    }
    if (matches(*rule, path)) {
      return rule->is_negated ? IgnoreVerdict::kept : IgnoreVerdict::ignored;
    }
  }
  return IgnoreVerdict::undecided;
}

IgnoreScope::IgnoreScope(std::shared_ptr<const IgnoreScope> parent, std::string directory,
                         IgnoreRules rules)
    : parent_(std::move(parent)), directory_(std::move(directory)), rules_(std::move(rules)) {}

bool IgnoreScope::is_ignored(std::string_view path, IgnoreSubject subject) const {
  for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->parent_.get()) {
    const std::size_t skip = scope->directory_.empty() ? 0 : scope->directory_.size() + 1;
    const IgnoreVerdict verdict = scope->rules_.decide(path.substr(skip), subject);
    if (verdict != IgnoreVerdict::undecided) {
      return verdict == IgnoreVerdict::ignored;
    }
  }
  return false;
}

}  // namespace seabag::bundler
