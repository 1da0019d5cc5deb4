#include "seabag/load/plan.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace seabag::load {

namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != '\x7f';
  });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

Error bad_field(std::string_view field, std::string detail) {
  return make_error(std::errc::invalid_argument, "header", field, std::move(detail));
}

// Its name in lower case.
Result<std::string> check_field(std::string_view field) {
  const std::size_t colon = field.find(':');
  const std::string_view name = field.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) {
    return bad_field(field, "expected 'Name: value'");
  }
  if (!is_value(field.substr(colon + 1))) {
    return bad_field(field, "control characters cannot be sent");
  }
  std::string lower = lower_case(name);
  if (lower == "content-length" || lower == "transfer-encoding") {
    return bad_field(field, "the length is told by --body alone");
  }
  if (lower == "expect" || lower == "upgrade") {
    return bad_field(field, "would ask for another kind of answer than is measured");
  }
  return lower;
}

}  // namespace

Result<std::string> make_http1_request(const Plan& plan) {
  if (!is_token(plan.method) || plan.method == "CONNECT") {
    return make_error(std::errc::invalid_argument, "method", plan.method,
                      "expected a method such as GET or POST");
  }
  std::vector<std::string> names;
  std::string fields;
  for (const std::string& field : plan.fields) {
    names.push_back(SEABAG_TRY(check_field(field)));
    fields += field + "\r\n";
  }
  const auto or_default = [&](const char* name, const std::string& line) {
    return std::find(names.begin(), names.end(), name) == names.end() ? line + "\r\n" : "";
  };
  std::string request = plan.method + " " + plan.url.target + " HTTP/1.1\r\n";
  request += or_default("host", "Host: " + plan.url.authority);
  request += or_default("user-agent", "User-Agent: seabag-bench");
  request += or_default("accept", "Accept: */*");
  request += fields;
  const bool expects_content =
      plan.method == "POST" || plan.method == "PUT" || plan.method == "PATCH";
  if (!plan.body.empty() || expects_content) {
    request += "Content-Length: " + std::to_string(plan.body.size()) + "\r\n";
  }
  return request + "\r\n" + plan.body;
}

}  // namespace seabag::load
