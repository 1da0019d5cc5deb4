#pragma once

#include <cstdint>
#include <string_view>

namespace seabag::http {

/// The status codes that Seabag, and handlers of an app, answer with (RFC 9110 §15); the value is
/// the code.
enum class Status : std::uint16_t {
  continue_request = 100,
  switching_protocols = 101,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  partial_content = 206,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  range_not_satisfiable = 416,
  unprocessable_content = 422,
  upgrade_required = 426,
  too_many_requests = 429,
  header_fields_too_large = 431,
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
};

/// The reason phrase, such as `Not Found`.
[[nodiscard]] std::string_view reason_phrase(Status status);

/// The whole first line of an HTTP/1.1 answer, CRLF included.
[[nodiscard]] std::string_view status_line(Status status);

/// 301, 302, 303, 307 and 308: the answer carries `Location`.
[[nodiscard]] constexpr bool is_redirect(Status status) {
  return status == Status::moved_permanently || status == Status::found ||
         status == Status::see_other || status == Status::temporary_redirect ||
         status == Status::permanent_redirect;
}

}  // namespace seabag::http
