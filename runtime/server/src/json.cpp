#include "seabag/server/json.h"

#include <strings.h>

#include <algorithm>

namespace seabag::server {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) {
    type.remove_suffix(1);
  }
  constexpr std::string_view kSuffix = "+json";
  return equal_ignoring_case(type, "application/json") ||
         (type.size() > kSuffix.size() &&
          equal_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix));
}

Response json_error(http::Status status, std::string_view message) {
  JsonWriter json;
  json.begin_object().member("error", message).end_object();
  Response response = Response::json(json.take() + "\n");
  response.status = status;
  return response;
}

std::string place_in(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // 0 when there is none
  return "line " + std::to_string(lines + 1) + ", column " +
         std::to_string(before.size() - start + 1);
}

}  // namespace seabag::server
