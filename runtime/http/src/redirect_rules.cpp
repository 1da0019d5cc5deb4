#include <algorithm>
#include <utility>

#include "redirect_rule.h"
#include "rule_text.h"
#include "seabag/http/site_rules.h"

namespace seabag::http {

struct RedirectRules::Rules {
  struct StaticPath {
    std::string_view path;
    std::size_t rule = 0;
  };

  std::vector<RedirectRule> rules;
  /// Sorted by path, then by place in the file; the paths are owned by `rules`.
  std::vector<StaticPath> static_paths;
  std::vector<std::size_t> dynamic_rules;
  std::size_t forced_count = 0;

  void index();
};

void RedirectRules::Rules::index() {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    forced_count += rules[i].kind() == RuleKind::forced ? 1U : 0U;
    if (rules[i].is_static()) {
      static_paths.push_back({.path = rules[i].static_path(), .rule = i});
    } else {
      dynamic_rules.push_back(i);
    }
  }
  std::stable_sort(static_paths.begin(), static_paths.end(),
                   [](const StaticPath& a, const StaticPath& b) { return a.path < b.path; });
}

RedirectRules::RedirectRules() = default;
RedirectRules::RedirectRules(RedirectRules&& other) noexcept = default;
RedirectRules& RedirectRules::operator=(RedirectRules&& other) noexcept = default;
RedirectRules::~RedirectRules() = default;

Result<RedirectRules> RedirectRules::parse(std::string_view text, std::string_view file) {
  auto rules = std::make_unique<Rules>();
  std::size_t static_count = 0;
  std::size_t dynamic_count = 0;
  RuleReader reader(text, file);
  while (const auto line = SEABAG_TRY(reader.next())) {
    RedirectRule rule = SEABAG_TRY(RedirectRule::parse(*line));
    if (rule.is_static() && ++static_count > kMaxStaticRedirects) {
      return line->error("more than " + std::to_string(kMaxStaticRedirects) + " static rules");
    }
    if (!rule.is_static() && ++dynamic_count > kMaxDynamicRedirects) {
      return line->error("more than " + std::to_string(kMaxDynamicRedirects) +
                         " rules with '*' or ':name'");
    }
    rules->rules.push_back(std::move(rule));
  }
  rules->index();
  RedirectRules result;
  result.rules_ = std::move(rules);
  return result;
}

std::optional<Redirect> RedirectRules::find(std::string_view path, std::string_view query,
                                            RuleKind kind) const {
  if (!has(kind)) {
    return std::nullopt;
  }
  std::string_view name = path;
  if (name.size() > 1 && name.ends_with('/')) {
    name.remove_suffix(1);
  }
  Captures captures;
  std::optional<Redirect> found;
  std::size_t found_rule = rules_->rules.size();
  auto entry = std::lower_bound(
      rules_->static_paths.begin(), rules_->static_paths.end(), name,
      [](const Rules::StaticPath& a, std::string_view wanted) { return a.path < wanted; });
  for (; !found && entry != rules_->static_paths.end() && entry->path == name; ++entry) {
    const RedirectRule& rule = rules_->rules[entry->rule];
    if (rule.kind() == kind && (found = rule.apply(path, query, captures))) {
      found_rule = entry->rule;
    }
  }
  for (const std::size_t index : rules_->dynamic_rules) {
    if (index > found_rule) {
      break;
    }
    const RedirectRule& rule = rules_->rules[index];
    if (rule.kind() == kind) {
      if (auto earlier = rule.apply(path, query, captures)) {
        return earlier;
      }
    }
  }
  return found;
}

bool RedirectRules::has(RuleKind kind) const {
  if (!rules_) {
    return false;
  }
  return kind == RuleKind::forced ? rules_->forced_count != 0
                                  : rules_->forced_count != rules_->rules.size();
}

std::size_t RedirectRules::size() const { return rules_ ? rules_->rules.size() : 0; }

}  // namespace seabag::http
