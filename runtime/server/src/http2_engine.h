#pragma once

#include <memory>
#include <vector>

#include "http2_sink.h"
#include "seabag/http2/limits.h"
#include "seabag/http2/response_encoder.h"
#include "seabag/http2/session.h"
#include "seabag/server/limits.h"

namespace seabag::server {

/// What all HTTP/2 connections of one loop share. One thread.
class Http2Engine {
 public:
  explicit Http2Engine(const Limits& server_limits);

  /// Content of a stream, which comes back by `give_back`.
  [[nodiscard]] std::unique_ptr<StreamContent> borrow();
  void give_back(std::unique_ptr<StreamContent> content);

  http2::Limits limits;
  http2::Workspace workspace;
  http2::ResponseEncoder encoder;

 private:
  std::vector<std::unique_ptr<StreamContent>> spare_;
};

}  // namespace seabag::server
