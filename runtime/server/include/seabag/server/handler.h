#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/http/status.h"
#include "seabag/server/router.h"
#include "seabag/server/scheme.h"

namespace seabag::server {

/// What a handler is asked. Valid during the call: all views are into buffers of the connection.
class Request {
 public:
  /// Everything must outlive this. `path` is decoded; `client` is an address without port.
  Request(const http::RequestHead& head, std::string_view path, const RouteMatch& match,
          std::string_view body, std::string_view client, Scheme scheme = Scheme::http)
      : head_(head), path_(path), match_(match), body_(body), client_(client), scheme_(scheme) {}

  [[nodiscard]] http::Method method() const { return head_.method; }
  /// All that the client said, as it came.
  [[nodiscard]] const http::RequestHead& head() const { return head_; }
  /// Percent-decoded and without a trailing slash; `%2F` stays as it is.
  [[nodiscard]] std::string_view path() const { return path_; }
  /// As it came, without `?`.
  [[nodiscard]] std::string_view query() const;
  /// The first value of a query parameter, decoded (`+` is a space); nothing when there is none.
  /// A malformed escape stays as it is.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  /// The part of the path that `:name` or `*name` of the pattern stands for; empty when the pattern
  /// has no such name.
  [[nodiscard]] std::string_view param(std::string_view name) const { return match_.param(name); }
  /// The value of the first header field of this name (any case); nothing when there is none.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
  /// The whole content, decoded from chunks.
  [[nodiscard]] std::string_view body() const { return body_; }
  /// The client's address; `unix` for a local socket.
  [[nodiscard]] std::string_view client() const { return client_; }
  /// How it came to this server; a proxy in front of it may have been asked otherwise.
  [[nodiscard]] Scheme scheme() const { return scheme_; }

 private:
  const http::RequestHead& head_;
  std::string_view path_;
  const RouteMatch& match_;
  std::string_view body_;
  std::string_view client_;
  Scheme scheme_;
};

/// What a handler answers. A status, type or field that HTTP can't carry (a control character, a
/// name that is no token, a field that the server owns) makes the answer a 500.
struct Response {
  http::Status status = http::Status::ok;
  /// Left out when empty.
  std::string content_type = "text/plain; charset=utf-8";
  /// More header fields. Content-Length, Connection, Date and Transfer-Encoding are the server's.
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};

  [[nodiscard]] static Response text(std::string body);
  [[nodiscard]] static Response html(std::string body);
  /// `body` is JSON text already.
  [[nodiscard]] static Response json(std::string body);
  /// A page that names the status.
  [[nodiscard]] static Response error(http::Status status);
  /// 303: the client goes on with GET.
  [[nodiscard]] static Response see_other(std::string location);
};

}  // namespace seabag::server
