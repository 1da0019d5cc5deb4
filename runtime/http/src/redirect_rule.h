#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "path_pattern.h"
#include "rule_text.h"
#include "seabag/http/site_rules.h"
#include "seabag/http/status.h"

namespace seabag::http {

/// One line of a `_redirects` file.
class RedirectRule {
 public:
  /// Errors: EINVAL at the word that is wrong.
  static Result<RedirectRule> parse(const RuleWord& line);

  /// What the rule makes of a request, if it matches and leads elsewhere. `captures` is room to
  /// work in, which need not be cleared for each rule.
  [[nodiscard]] std::optional<Redirect> apply(std::string_view path, std::string_view query,
                                              Captures& captures) const;

  [[nodiscard]] bool is_static() const { return pattern_.names().empty(); }
  [[nodiscard]] std::string_view static_path() const { return pattern_.static_path(); }
  [[nodiscard]] RuleKind kind() const { return kind_; }

 private:
  /// A query parameter that the request must have.
  struct Parameter {
    std::string key;
    /// The value it must have; nothing when any will do, which is then a capture.
    std::optional<std::string> value;
  };

  explicit RedirectRule(PathPattern pattern) : pattern_(std::move(pattern)) {}

  Result<void> add_parameter(const RuleWord& word);
  Result<void> set_target(const RuleWord& word);
  Result<void> set_status(const RuleWord& word);
  [[nodiscard]] bool match_parameters(std::string_view query,
                                      std::vector<std::string>& values) const;
  [[nodiscard]] std::optional<Redirect> lead(std::string_view path, std::string_view query,
                                             const std::vector<std::string>& values) const;
  [[nodiscard]] std::optional<Redirect> rewrite(const std::string& target) const;

  PathPattern pattern_;
  std::vector<Parameter> parameters_;
  std::vector<std::string> names_;
  /// The target up to its query or fragment, and the rest of it.
  CaptureTemplate target_{{}, {}};
  CaptureTemplate suffix_{{}, {}};
  bool has_query_ = false;
  bool leads_off_site_ = false;
  Status status_ = Status::moved_permanently;
  RuleKind kind_ = RuleKind::unforced;
};

}  // namespace seabag::http
