#pragma once

#include <string>

#include "kept_head.h"
#include "seabag/server/handler.h"

namespace seabag::server {

/// A request with all its bytes, for somebody who looks at it when the connection's buffers have
/// moved on, perhaps on another thread. Neither copyable nor movable: the request points into it.
class KeptRequest {
 public:
  /// What a Request is made of; `path` is what the values of `match` point into.
  struct Parts {
    const http::RequestHead& head;
    std::string_view path;
    const RouteMatch& match;  ///< its names are the router's, which outlives this
    std::string_view content;
    std::string_view client;
    Scheme scheme;
  };
  explicit KeptRequest(const Parts& parts);
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  [[nodiscard]] const Request& request() const { return request_; }

 private:
  KeptHead head_;
  std::string path_;
  std::string content_;
  std::string client_;
  RouteMatch match_;
  Request request_;
};

}  // namespace seabag::server
