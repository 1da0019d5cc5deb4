#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/http/chunked_decoder.h"
#include "seabag/http/request_head.h"
#include "seabag/http/status.h"
#include "seabag/net/timer_wheel.h"

namespace seabag::server {

/// Gathers the content of one request that did not come together with its head. It keeps the head's
/// bytes too, because the buffer they were in moves on. No I/O; one thread at a time.
class BodyReader {
 public:
  /// `head_bytes` are what `head` was parsed from; `limit` is in bytes of content.
  BodyReader(std::string_view head_bytes, const http::RequestHead& head, std::size_t limit,
             net::Milliseconds now);

  enum class State : std::uint8_t { need_more, complete, error };
  struct Outcome {
    State state = State::need_more;
    std::size_t consumed = 0;  ///< of the input; what follows belongs to the next request
    http::Status status = http::Status::ok;  ///< for an error: 400, 413 or 431
    const char* reason = "";
  };
  [[nodiscard]] Outcome take(std::string_view input);

  [[nodiscard]] std::string_view head_bytes() const { return head_bytes_; }
  [[nodiscard]] std::string_view content() const { return content_; }
  [[nodiscard]] net::Milliseconds started() const { return started_; }

 private:
  Outcome take_length(std::string_view input);
  Outcome take_chunks(std::string_view input);

  std::string head_bytes_;
  std::string content_;
  http::BodyFraming framing_;
  std::uint64_t length_;
  std::size_t limit_;
  net::Milliseconds started_;
  http::ChunkedDecoder chunks_;
};

}  // namespace seabag::server
