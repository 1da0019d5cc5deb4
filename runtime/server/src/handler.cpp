#include "seabag/server/handler.h"

#include <strings.h>

#include <utility>

namespace seabag::server {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// application/x-www-form-urlencoded, forgiving.
std::string decode_component(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded.push_back(' ');
      continue;
    }
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

}  // namespace

std::string_view Request::query() const {
  return head_.query.empty() ? head_.query : head_.query.substr(1);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::string_view left = query();
  while (!left.empty()) {
    const std::string_view pair = left.substr(0, left.find('&'));
    left.remove_prefix(pair.size() < left.size() ? pair.size() + 1 : pair.size());
    const std::size_t equals = pair.find('=');
    if (decode_component(pair.substr(0, equals)) == name) {
      return equals == std::string_view::npos ? std::string()
                                              : decode_component(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::field(std::string_view name) const {
  for (const http::Field& field : head_.fields()) {
    if (field.name.size() == name.size() &&
        strncasecmp(field.name.data(), name.data(), name.size()) == 0) {
      return field.value;
    }
  }
  return std::nullopt;
}

Response Response::text(std::string body) { return {.body = std::move(body)}; }

Response Response::html(std::string body) {
  return {.content_type = "text/html; charset=utf-8", .body = std::move(body)};
}

Response Response::json(std::string body) {
  return {.content_type = "application/json", .body = std::move(body)};
}

Response Response::error(http::Status status) {
  const std::string text =
      std::to_string(static_cast<int>(status)) + " " + std::string(http::reason_phrase(status));
  Response response = html("<!doctype html><html lang=\"en\"><title>" + text + "</title><h1>" +
                           text + "</h1></html>\n");
  response.status = status;
  return response;
}

Response Response::see_other(std::string location) {
  return {.status = http::Status::see_other,
          .content_type = {},
          .fields = {{"Location", std::move(location)}}};
}

}  // namespace seabag::server
