#pragma once

#include <string>

#include "seabag/http/request_head.h"

namespace seabag::server {

/// A request's head with its own bytes, for a request that can't be answered while the buffer that
/// it came in is still there. Neither copyable nor movable: the head points into it.
class KeptHead {
 public:
  explicit KeptHead(const http::RequestHead& head);
  KeptHead(const KeptHead&) = delete;
  KeptHead& operator=(const KeptHead&) = delete;

  [[nodiscard]] const http::RequestHead& head() const { return head_; }

 private:
  http::RequestHead head_;
  std::string text_;
};

}  // namespace seabag::server
