#include <algorithm>
#include <utility>

#include "ascii.h"
#include "path_pattern.h"
#include "rule_text.h"
#include "seabag/http/site_rules.h"
#include "seabag/http/target.h"

namespace seabag::http {
namespace {

// What the server itself says, what frames a message, and what Netlify reads as a password.
constexpr std::string_view kForbidden[] = {
    "accept-ranges",
    "age",
    "allow",
    "basic-auth",
    "connection",
    "content-length",
    "content-range",
    "date",
    "content-encoding",
    "etag",
    "host",
    "keep-alive",
    "last-modified",
    "location",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "transfer-encoding",
};

bool is_forbidden(std::string_view name) {
  return std::any_of(std::begin(kForbidden), std::end(kForbidden),
                     [&](std::string_view other) { return equals_ignoring_case(name, other); });
}

Result<std::string> parse_name(const RuleWord& word) {
  if (word.text.empty()) {
    return word.error("header name missing");
  }
  for (std::size_t i = 0; i < word.text.size(); ++i) {
    if (!is_token_char(word.text[i])) {
      return word.error("header name is not a token", i);
    }
  }
  if (is_forbidden(word.text)) {
    return word.error("header '" + std::string(word.text) + "' is the server's own");
  }
  return std::string(word.text);
}

}  // namespace

struct HeaderRules::Rule {
  struct Line {
    HeaderChange::Kind kind = HeaderChange::Kind::set;
    std::string name;
    CaptureTemplate value;
  };
  PathPattern pattern;
  std::vector<Line> lines;

  Result<void> add(const RuleWord& line);
  void append_changes(const Captures& captures, std::vector<HeaderChange>& changes) const;
};

Result<void> HeaderRules::Rule::add(const RuleWord& line) {
  if (line.text.front() == '!') {
    std::string name = SEABAG_TRY(parse_name(line.part(1).trimmed()));
    lines.push_back({.kind = HeaderChange::Kind::remove,
                     .name = std::move(name),
                     .value = CaptureTemplate({}, {})});
    return {};
  }
  const std::size_t colon = line.text.find(':');
  if (colon == std::string_view::npos) {
    return line.error("expected 'Name: value', '! Name' or a path that starts with '/'");
  }
  std::string name = SEABAG_TRY(parse_name(line.part(0, colon).trimmed()));
  const RuleWord value = line.part(colon + 1).trimmed();
  if (value.text.empty()) {
    return value.error("header value missing: to take a header away write '! " + name + "'");
  }
  lines.push_back({.name = std::move(name), .value = CaptureTemplate(value.text, pattern.names())});
  return {};
}

void HeaderRules::Rule::append_changes(const Captures& captures,
                                       std::vector<HeaderChange>& changes) const {
  std::vector<std::string> values(pattern.names().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    append_encoded_path(values[i], captures[i]);
  }
  for (const Line& line : lines) {
    HeaderChange change{.kind = line.kind, .name = line.name, .value = {}};
    line.value.append_to(change.value, values);
    changes.push_back(std::move(change));
  }
}

HeaderRules::HeaderRules() = default;
HeaderRules::HeaderRules(HeaderRules&& other) noexcept = default;
HeaderRules& HeaderRules::operator=(HeaderRules&& other) noexcept = default;
HeaderRules::~HeaderRules() = default;

Result<HeaderRules> HeaderRules::parse(std::string_view text, std::string_view file) {
  HeaderRules rules;
  RuleReader reader(text, file);
  while (const auto line = SEABAG_TRY(reader.next())) {
    const bool is_pattern = line->text.front() == '/' || line->text.starts_with("http://") ||
                            line->text.starts_with("https://");
    if (!is_pattern && rules.rules_.empty()) {
      return line->error("a path must come before the first header");
    }
    if (!is_pattern) {
      SEABAG_TRY(rules.rules_.back().add(*line));
      continue;
    }
    if (rules.rules_.size() == kMaxHeaderRules) {
      return line->error("more than " + std::to_string(kMaxHeaderRules) + " rules");
    }
    const std::size_t blank = line->text.find_first_of(" \t");
    if (blank != std::string_view::npos) {
      return line->error("white space in a path: write %20", blank);
    }
    PathPattern pattern = SEABAG_TRY(PathPattern::parse(*line));
    rules.rules_.push_back({.pattern = std::move(pattern), .lines = {}});
  }
  return rules;
}

std::vector<HeaderChange> HeaderRules::changes_for(std::span<const std::string> paths) const {
  std::vector<HeaderChange> changes;
  Captures captures;
  for (const Rule& rule : rules_) {
    for (const std::string& path : paths) {
      if (rule.pattern.matches(path, captures)) {
        rule.append_changes(captures, changes);
        break;
      }
    }
  }
  return changes;
}

bool HeaderRules::matches(std::string_view path) const {
  Captures captures;
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const Rule& rule) { return rule.pattern.matches(path, captures); });
}

std::size_t HeaderRules::size() const { return rules_.size(); }

}  // namespace seabag::http
