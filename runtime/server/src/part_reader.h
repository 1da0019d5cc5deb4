#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/http/chunked_decoder.h"
#include "seabag/http/request_head.h"
#include "seabag/http/status.h"

namespace seabag::server {

/// Takes the framing off the content of one request, part by part, and keeps nothing of it. No I/O;
/// one thread at a time.
class PartReader {
 public:
  /// `limit` is in bytes of content; it has been compared with Content-Length already.
  PartReader(const http::RequestHead& head, std::uint64_t limit);

  enum class State : std::uint8_t {
    need_more,  ///< all input is used
    part,       ///< `part`, not empty
    complete,   ///< what follows belongs to the next request
    error,      ///< nothing more is to be read from this connection
  };
  struct Outcome {
    State state = State::need_more;
    std::size_t consumed = 0;
    std::string_view part = {};              ///< into the input
    http::Status status = http::Status::ok;  ///< for an error: 400, 413 or 431
    const char* reason = "";
  };
  [[nodiscard]] Outcome take(std::string_view input);

  /// Bytes of content so far.
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  Outcome take_chunk(std::string_view input);

  http::BodyFraming framing_;
  std::uint64_t left_;  ///< of the length, or of the limit
  std::uint64_t received_ = 0;
  http::ChunkedDecoder chunks_;
};

}  // namespace seabag::server
