#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/http/status.h"
#include "seabag/http2/hpack_decoder.h"
#include "seabag/http2/limits.h"
#include "seabag/http2/priority.h"

namespace seabag::http2 {

/// What a header block says.
struct RequestOutcome {
  enum class State : std::uint8_t {
    complete,
    refused,            ///< to be answered with `status`: 414 or 431
    malformed,          ///< PROTOCOL_ERROR of the stream
    compression_error,  ///< of the connection
  };
  State state = State::complete;
  http::Status status = http::Status::ok;
  Priority priority;
  bool has_content_length = false;
  std::string_view protocol = {};  ///< of an extended CONNECT
};

/// Decodes and checks the header block of a request (RFC 9113 §8.3) into `head`. Several Cookie
/// fields become one, `:authority` becomes Host. Pure but for the decoder's table.
[[nodiscard]] RequestOutcome read_request(HpackDecoder& decoder, std::string_view block,
                                          std::span<char> scratch, const Limits& limits,
                                          http::RequestHead& head);

/// The same for trailers, whose fields are dropped.
[[nodiscard]] RequestOutcome read_trailers(HpackDecoder& decoder, std::string_view block,
                                           std::span<char> scratch, const Limits& limits);

}  // namespace seabag::http2
