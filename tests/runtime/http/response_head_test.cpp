#include "seabag/http/response_head.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string written(const ResponseHead& head) {
  std::vector<char> buffer(response_head_bound(head));
  return {buffer.data(), write_response_head(head, buffer)};
}

TEST_CASE("a full answer has all its fields", "[http][response]") {
  CHECK(written(ResponseHead{.status = Status::ok,
                             .date = kDate,
                             .fields = "Content-Type: text/css\r\nVary: Accept-Encoding\r\n",
                             .encoding = vfs::Encoding::br,
                             .entity_tag = "\"x-br\"",
                             .last_modified = 0,
                             .content_length = UINT64_MAX,
                             .connection = ConnectionField::close}) ==
        "HTTP/1.1 200 OK\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: text/css\r\nVary: Accept-Encoding\r\n"
        "Content-Encoding: br\r\n"
        "ETag: \"x-br\"\r\n"
        "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        "Content-Length: 18446744073709551615\r\n"
        "Connection: close\r\n\r\n");
}

TEST_CASE("partial and unsatisfiable answers tell their range", "[http][response]") {
  CHECK(written(ResponseHead{.status = Status::partial_content,
                             .content_range = ContentRange{.range = ByteRange{1, 2}, .length = 30},
                             .content_length = 2}) ==
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-2/30\r\nContent-Length: 2\r\n\r\n");
  CHECK(written(ResponseHead{.status = Status::range_not_satisfiable,
                             .content_range = ContentRange{.length = 0},
                             .content_length = 0}) ==
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */0\r\n"
        "Content-Length: 0\r\n\r\n");
}

TEST_CASE("304 has no length and a redirect has its location", "[http][response]") {
  CHECK(written(ResponseHead{.status = Status::not_modified,
                             .fields = "Vary: Accept-Encoding\r\n",
                             .entity_tag = "\"x\""}) ==
        "HTTP/1.1 304 Not Modified\r\nVary: Accept-Encoding\r\nETag: \"x\"\r\n\r\n");
  CHECK(written(ResponseHead{.status = Status::permanent_redirect,
                             .location = "/a/",
                             .content_length = 0,
                             .connection = ConnectionField::keep_alive}) ==
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: /a/\r\nContent-Length: 0\r\n"
        "Connection: keep-alive\r\n\r\n");
}

TEST_CASE("a buffer that is too small is left alone", "[http][response]") {
  const ResponseHead head{.fields = "X: y\r\n"};
  std::vector<char> buffer(response_head_bound(head) - 1, '#');
  CHECK(write_response_head(head, buffer) == 0);
  CHECK(buffer.front() == '#');
  buffer.resize(status_page_size(Status::not_found) - 1);
  CHECK(write_status_page(Status::not_found, buffer) == 0);
}

TEST_CASE("the bound holds for the longest numbers", "[http][response]") {
  const ResponseHead head{.status = Status::header_fields_too_large,
                          .date = kDate,
                          .encoding = vfs::Encoding::zstd,
                          .last_modified = INT64_MAX,
                          .content_range = ContentRange{.range = ByteRange{UINT64_MAX, UINT64_MAX},
                                                        .length = UINT64_MAX},
                          .content_length = UINT64_MAX,
                          .connection = ConnectionField::keep_alive};
  CHECK(written(head).size() < response_head_bound(head));
}

TEST_CASE("the page of a status names it", "[http][response]") {
  std::vector<char> buffer(status_page_size(Status::method_not_allowed));
  CHECK(write_status_page(Status::method_not_allowed, buffer) == buffer.size());
  const std::string page(buffer.begin(), buffer.end());
  CHECK(page.find("<h1>405 Method Not Allowed</h1>") != std::string::npos);
  CHECK(status_page_size(Status::no_content) == 0);
  CHECK(write_status_page(Status::not_modified, buffer) == 0);
}

TEST_CASE("further fields follow the first ones", "[http][response]") {
  CHECK(written(ResponseHead{.status = Status::no_content,
                             .fields = kAllowField,
                             .further_fields = "Vary: Origin\r\n"}) ==
        "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, OPTIONS\r\nVary: Origin\r\n\r\n");
}

TEST_CASE("every status has a line and a phrase", "[http][response]") {
  for (const int code : {100, 200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401,
                         403, 404, 405, 408, 412, 413, 414, 416, 431, 500, 501, 503}) {
    const auto status = static_cast<Status>(code);
    CAPTURE(code);
    CHECK(status_line(status).starts_with("HTTP/1.1 " + std::to_string(code) + " "));
    CHECK(status_line(status) ==
          "HTTP/1.1 " + std::to_string(code) + " " + std::string(reason_phrase(status)) + "\r\n");
  }
  CHECK(is_redirect(Status::see_other));
  CHECK_FALSE(is_redirect(Status::not_modified));
}

}  // namespace
}  // namespace seabag::http
