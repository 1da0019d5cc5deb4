#include "seabag/http/status.h"

namespace seabag::http {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";

}  // namespace

std::string_view status_line(Status status) {
  switch (status) {
    case Status::continue_request:
      return "HTTP/1.1 100 Continue\r\n";
    case Status::switching_protocols:
      return "HTTP/1.1 101 Switching Protocols\r\n";
    case Status::ok:
      return "HTTP/1.1 200 OK\r\n";
    case Status::created:
      return "HTTP/1.1 201 Created\r\n";
    case Status::accepted:
      return "HTTP/1.1 202 Accepted\r\n";
    case Status::no_content:
      return "HTTP/1.1 204 No Content\r\n";
    case Status::partial_content:
      return "HTTP/1.1 206 Partial Content\r\n";
    case Status::moved_permanently:
      return "HTTP/1.1 301 Moved Permanently\r\n";
    case Status::found:
      return "HTTP/1.1 302 Found\r\n";
    case Status::see_other:
      return "HTTP/1.1 303 See Other\r\n";
    case Status::not_modified:
      return "HTTP/1.1 304 Not Modified\r\n";
    case Status::temporary_redirect:
      return "HTTP/1.1 307 Temporary Redirect\r\n";
    case Status::permanent_redirect:
      return "HTTP/1.1 308 Permanent Redirect\r\n";
    case Status::bad_request:
      return "HTTP/1.1 400 Bad Request\r\n";
    case Status::unauthorized:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case Status::forbidden:
      return "HTTP/1.1 403 Forbidden\r\n";
    case Status::not_found:
      return "HTTP/1.1 404 Not Found\r\n";
    case Status::method_not_allowed:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case Status::request_timeout:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case Status::conflict:
      return "HTTP/1.1 409 Conflict\r\n";
    case Status::gone:
      return "HTTP/1.1 410 Gone\r\n";
    case Status::precondition_failed:
      return "HTTP/1.1 412 Precondition Failed\r\n";
    case Status::content_too_large:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case Status::uri_too_long:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case Status::unsupported_media_type:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case Status::range_not_satisfiable:
      return "HTTP/1.1 416 Range Not Satisfiable\r\n";
    case Status::unprocessable_content:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case Status::upgrade_required:
      return "HTTP/1.1 426 Upgrade Required\r\n";
    case Status::too_many_requests:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case Status::header_fields_too_large:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case Status::not_implemented:
      return "HTTP/1.1 501 Not Implemented\r\n";
    case Status::bad_gateway:
      return "HTTP/1.1 502 Bad Gateway\r\n";
    case Status::service_unavailable:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    case Status::gateway_timeout:
      return "HTTP/1.1 504 Gateway Timeout\r\n";
    case Status::internal_server_error:
      break;
  }
  return "HTTP/1.1 500 Internal Server Error\r\n";
}

std::string_view reason_phrase(Status status) {
  std::string_view line = status_line(status);
  line.remove_prefix(kVersion.size() + 4);
  line.remove_suffix(2);
  return line;
}

}  // namespace seabag::http
