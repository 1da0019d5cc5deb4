#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "seabag/http/request_parser.h"

namespace seabag::http {

/// A request in a buffer of its own, of exactly its size, and what the parser made of it.
struct ParsedRequest {
  explicit ParsedRequest(std::string_view text, const ParserLimits& limits = {})
      : buffer(std::make_unique<char[]>(text.size())), size(text.size()) {
    text.copy(buffer.get(), size);
    outcome = parse_request_head({buffer.get(), size}, limits, head);
  }

  [[nodiscard]] bool is_complete() const { return outcome.state == ParseState::complete; }
  [[nodiscard]] bool is_refused(Status status = Status::bad_request) const {
    return outcome.state == ParseState::error && outcome.status == status;
  }

  std::unique_ptr<char[]> buffer;
  std::size_t size;
  RequestHead head;
  ParseOutcome outcome;
};

/// `GET / HTTP/1.1` with these field lines (each ending in CRLF) behind Host.
inline std::string get_with(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

}  // namespace seabag::http
