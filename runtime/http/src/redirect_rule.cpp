#include "redirect_rule.h"

#include <algorithm>

#include "ascii.h"
#include "seabag/http/target.h"

namespace seabag::http {
namespace {

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

bool is_target(std::string_view text) { return text.starts_with('/') || is_url(text); }

// Decodes what a query parameter holds and encodes it again as one path component, so that it can
// neither end the component nor the URL.
void append_component(std::string& out, std::string_view value) {
  std::string decoded;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::uint8_t high = i + 1 < value.size() ? hex_value(value[i + 1]) : kNoDigit;
    const std::uint8_t low = i + 2 < value.size() ? hex_value(value[i + 2]) : kNoDigit;
    if (value[i] == '%' && high != kNoDigit && low != kNoDigit) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += value[i] == '+' ? ' ' : value[i];
    }
  }
  std::string encoded;
  append_encoded_path(encoded, decoded);
  for (const char c : encoded) {
    if (c == '/') {
      out += "%2F";
    } else {
      out += c;
    }
  }
}

std::optional<std::string_view> parameter_value(std::string_view query, std::string_view key) {
  if (query.starts_with('?')) {
    query.remove_prefix(1);
  }
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == key) {
      return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<RedirectRule> RedirectRule::parse(const RuleWord& line) {
  const std::vector<RuleWord> words = split_words(line);
  RedirectRule rule(SEABAG_TRY(PathPattern::parse(words.front())));
  rule.names_ = rule.pattern_.names();
  std::size_t next = 1;
  for (; next < words.size() && !is_target(words[next].text); ++next) {
    SEABAG_TRY(rule.add_parameter(words[next]));
  }
  if (next == words.size()) {
    return words.back().error("target missing: a path or an http URL");
  }
  const RuleWord& target = words[next++];
  SEABAG_TRY(rule.set_target(target));
  if (next < words.size()) {
    SEABAG_TRY(rule.set_status(words[next++]));
  }
  if (next < words.size()) {
    return words[next].error(
        "unexpected word: conditions on country, language, role or cookie are not supported");
  }
  if (!is_redirect(rule.status_) && rule.leads_off_site_) {
    return target.error("200 and 404 need a path of this site as their target");
  }
  return rule;
}

Result<void> RedirectRule::add_parameter(const RuleWord& word) {
  const std::size_t equals = word.text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return word.error("expected a target, or KEY=VALUE for a query parameter");
  }
  const std::string_view value = word.text.substr(equals + 1);
  Parameter parameter{.key = std::string(word.text.substr(0, equals)), .value = std::nullopt};
  const std::string_view name = value.substr(std::min<std::size_t>(1, value.size()));
  if (!value.starts_with(':') || placeholder_size(name) != name.size() || name.empty()) {
    parameter.value = value;
  } else if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
    return word.error("':" + std::string(name) + "' more than once", equals + 1);
  } else if (names_.size() == kMaxCaptures) {
    return word.error("more than " + std::to_string(kMaxCaptures) + " placeholders", equals + 1);
  } else {
    names_.emplace_back(name);
  }
  parameters_.push_back(std::move(parameter));
  return {};
}

Result<void> RedirectRule::set_target(const RuleWord& word) {
  const std::string_view text = word.text;
  leads_off_site_ = is_url(text) || text.starts_with("//");
  const std::size_t authority = leads_off_site_ ? text.find("//") + 2 : 0;
  const std::size_t path =
      leads_off_site_ ? std::min(text.find_first_of("/?#", authority), text.size()) : 0;
  const CaptureTemplate host(text.substr(0, path), names_);
  if (leads_off_site_ && (path == authority || !host.is_plain())) {
    return word.error("a target needs a host, without placeholders", authority);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80 || text[i] == '"' || text[i] == '\\') {
      return word.error("a target must be percent-encoded", i);
    }
  }
  const std::size_t suffix = std::min(text.find_first_of("?#"), text.size());
  has_query_ = suffix < text.size() && text[suffix] == '?';
  target_ = CaptureTemplate(text.substr(0, suffix), names_);
  suffix_ = CaptureTemplate(text.substr(suffix), names_);
  return {};
}

Result<void> RedirectRule::set_status(const RuleWord& word) {
  std::string_view code = word.text;
  if (code.ends_with('!')) {
    kind_ = RuleKind::forced;
    code.remove_suffix(1);
  }
  constexpr Status kAllowed[] = {
      Status::ok,        Status::moved_permanently,  Status::found,
      Status::see_other, Status::temporary_redirect, Status::permanent_redirect,
      Status::not_found};
  for (const Status allowed : kAllowed) {
    if (code == std::to_string(static_cast<unsigned>(allowed))) {
      status_ = allowed;
      return {};
    }
  }
  return word.error("expected a status of 200, 301, 302, 303, 307, 308 or 404");
}

bool RedirectRule::match_parameters(std::string_view query,
                                    std::vector<std::string>& values) const {
  std::size_t capture = pattern_.names().size();
  for (const Parameter& parameter : parameters_) {
    const auto found = parameter_value(query, parameter.key);
    if (!found || (parameter.value && *parameter.value != *found)) {
      return false;
    }
    if (!parameter.value) {
      values.resize(names_.size());
      append_component(values[capture++], *found);
    }
  }
  return true;
}

std::optional<Redirect> RedirectRule::apply(std::string_view path, std::string_view query,
                                            Captures& captures) const {
  std::vector<std::string> values;
  if (!pattern_.matches(path, captures) || !match_parameters(query, values)) {
    return std::nullopt;
  }
  values.resize(names_.size());
  for (std::size_t i = 0; i < pattern_.names().size(); ++i) {
    append_encoded_path(values[i], captures[i]);
  }
  return lead(path, query, values);
}

std::optional<Redirect> RedirectRule::lead(std::string_view path, std::string_view query,
                                           const std::vector<std::string>& values) const {
  std::string target;
  target_.append_to(target, values);
  if (!leads_off_site_) {
    // Two slashes would lead to another host; a capture can start with one.
    target.erase(0, std::min(target.find_first_not_of('/'), target.size()) - 1);
  }
  if (!is_redirect(status_)) {
    return rewrite(target);
  }
  if (!leads_off_site_) {
    std::string here;
    append_encoded_path(here, path);
    if (here == target && parameters_.empty()) {
      return std::nullopt;
    }
  }
  if (!has_query_ && parameters_.empty() && !query.empty()) {
    target += query.starts_with('?') ? "" : "?";
    append_encoded_query(target, query);
  }
  suffix_.append_to(target, values);
  return Redirect{.status = status_, .forced = kind_ == RuleKind::forced, .target = target};
}

std::optional<Redirect> RedirectRule::rewrite(const std::string& target) const {
  std::vector<char> buffer(target.size());
  const TargetOutcome outcome = decode_target(target, buffer);
  if (outcome.error != nullptr) {
    return std::nullopt;
  }
  Redirect redirect{.status = status_,
                    .forced = kind_ == RuleKind::forced,
                    .target = std::string(outcome.target.path)};
  if (outcome.target.trailing_slash && redirect.target != "/") {
    redirect.target += '/';
  }
  return redirect;
}

}  // namespace seabag::http
