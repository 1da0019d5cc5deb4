#include "cors.h"

#include <algorithm>

#include "path_scope.h"
#include "seabag/http/authority.h"

namespace seabag::server {
namespace {

constexpr std::string_view kAny = "*";

bool is_any(const std::vector<std::string>& list) { return list.size() == 1 && list[0] == kAny; }

bool is_token(std::string_view name) {
  constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kSpecial.find(c) != std::string_view::npos;
  });
}

/// As browsers write it: in small letters, without a path (RFC 6454 §6.2).
bool is_origin(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) {
    return false;
  }
  const bool is_small =
      std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return is_small && is_token(text.substr(0, end)) && http::is_authority(text.substr(end + 3));
}

std::string fault_of_names(const char* key, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!is_token(name)) {
      return std::string(key) + ": '" + name + "' is no name";
    }
    if (name == kAny && names.size() > 1) {
      return std::string(key) + ": \"*\" stands alone";
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) {
    text += (text.empty() ? "" : ", ") + one;
  }
  return text;
}

std::string line(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : std::string(name) + ": " + value + "\r\n";
}

std::string_view find_field(const http::RequestHead& head, std::string_view small_name) {
  for (const http::Field& field : head.fields()) {
    const bool is_same =
        std::equal(field.name.begin(), field.name.end(), small_name.begin(), small_name.end(),
                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (is_same) {
      return field.value;
    }
  }
  return {};
}

}  // namespace

std::string fault_of(const CorsRule& rule) {
  if (rule.paths.empty() || rule.origins.empty()) {
    return std::string(rule.paths.empty() ? "paths" : "origins") + " must name at least one";
  }
  for (const std::string& path : rule.paths) {
    if (!path.starts_with('/')) {
      return "paths: '" + path + "' does not start with a slash";
    }
  }
  for (const std::string& origin : rule.origins) {
    if (origin == kAny && rule.origins.size() > 1) {
      return "origins: \"*\" stands alone";
    }
    if (origin != kAny && !is_origin(origin)) {
      return "origins: '" + origin + "' is not scheme://host[:port] in small letters";
    }
  }
  if (rule.credentials && (is_any(rule.origins) || is_any(rule.headers) || is_any(rule.expose))) {
    return "credentials never go with \"*\": name the origins and headers";
  }
  if (rule.methods.empty() || is_any(rule.methods)) {
    return "methods must be named";
  }
  for (const auto& [key, names] :
       {std::pair{"methods", &rule.methods}, std::pair{"headers", &rule.headers},
        std::pair{"expose", &rule.expose}}) {
    if (std::string fault = fault_of_names(key, *names); !fault.empty()) {
      return fault;
    }
  }
  return {};
}

Cors::Cors(const std::vector<CorsRule>& rules, std::string_view secure_fields) {
  for (const CorsRule& rule : rules) {
    rules_.push_back(make_rule(rule, secure_fields));
  }
}

Cors::Rule Cors::make_rule(const CorsRule& rule, std::string_view secure_fields) {
  const auto lines = [&](const std::string& text) {
    return Lines{.plain = text, .secure = text + std::string(secure_fields)};
  };
  const bool is_open = is_any(rule.origins);
  const std::string vary = is_open ? "" : "Vary: Origin\r\n";
  const std::string credentials =
      rule.credentials ? "Access-Control-Allow-Credentials: true\r\n" : "";
  Rule made{.paths = rule.paths, .origins = {}, .foreign = lines(vary)};
  for (const std::string& origin : rule.origins) {
    const std::string allow = line("Access-Control-Allow-Origin", origin) + credentials;
    made.origins.push_back(
        {.name = is_open ? std::string() : origin,
         .actual = lines(allow + line("Access-Control-Expose-Headers", joined(rule.expose)) + vary),
         .preflight = lines(allow + line("Access-Control-Allow-Methods", joined(rule.methods)) +
                            line("Access-Control-Allow-Headers", joined(rule.headers)) +
                            line("Access-Control-Max-Age", std::to_string(rule.max_age)) + vary)});
  }
  return made;
}

std::optional<CorsVerdict> Cors::judge(const http::RequestHead& head, std::string_view path,
                                       Scheme scheme) const {
  for (const Rule& rule : rules_) {
    if (!is_within(path, rule.paths)) {
      continue;
    }
    const std::string_view origin = head.value(http::FieldName::origin);
    const bool is_preflight = head.method == http::Method::options && !origin.empty() &&
                              !find_field(head, "access-control-request-method").empty();
    for (const Origin& one : rule.origins) {
      if (one.name.empty() || one.name == origin) {
        return CorsVerdict{.fields = (is_preflight ? one.preflight : one.actual).of(scheme),
                           .is_preflight = is_preflight};
      }
    }
    return CorsVerdict{.fields = rule.foreign.of(scheme), .is_preflight = is_preflight};
  }
  return std::nullopt;
}

}  // namespace seabag::server
