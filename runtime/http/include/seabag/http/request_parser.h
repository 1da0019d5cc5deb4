#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/http/status.h"

namespace seabag::http {

/// How much a client may send before it is told off.
struct ParserLimits {
  /// Bytes of the request line without its CRLF; more is 414.
  std::size_t request_line = std::size_t{8} * 1024;
  /// Bytes of all field lines, their CRLFs counted; more is 431.
  std::size_t field_block = std::size_t{32} * 1024;
  /// Field lines, at most kMaxFields; more is 431.
  std::size_t fields = kMaxFields;
};

enum class ParseState : std::uint8_t { complete, incomplete, error };

/// What became of a buffer.
struct ParseOutcome {
  ParseState state = ParseState::incomplete;
  /// The answer that an error asks for: 400, 414 or 431. The connection is closed after it and no
  /// further byte of it is read.
  Status status = Status::ok;
  /// The cause in words, for a log; a literal.
  const char* reason = "";
  /// Bytes of the head when complete: the content starts there.
  std::size_t consumed = 0;
};

/// How far an incomplete head has been looked at, as offsets, so that a head which arrives in
/// pieces is scanned once and not once for each piece. Value-initialise it for each request, and
/// pass it unchanged with the same buffer grown at its end; where the buffer lies does not matter.
struct ParseProgress {
  std::size_t line_start = 0;
  std::size_t scanned = 0;
  std::size_t fields_start = 0;
};

/// Parses the HTTP/1.x request head at the start of `buffer` (RFC 9112) into `head`, as strictly as
/// safety against request smuggling asks: one reading, or 400.
///
/// One CRLF before the request line is skipped. Refused with 400: everything but CRLF as a line
/// end; a method that is no token; a target with white space, `#` or userinfo, or of a form that
/// its method does not allow; a version other than `HTTP/1.0` and `HTTP/1.1`; folded lines; a name
/// that is empty, no token or followed by space; controls in a value; no Host on 1.1, two, or an
/// invalid one; Content-Length that repeats, is no number or does not fit 63 bits; any
/// Transfer-Encoding but one `chunked` on 1.1 without Content-Length.
///
/// After `incomplete` and `error` the content of `head` is unspecified. Pure; never allocates.
[[nodiscard]] ParseOutcome parse_request_head(std::string_view buffer, const ParserLimits& limits,
                                              RequestHead& head);

/// The same for a buffer that may be incomplete several times: the sum of all calls is linear in
/// the size of the head. Faults other than line ends and controls may be told only when the head
/// is complete or has reached a limit.
[[nodiscard]] ParseOutcome parse_request_head(std::string_view buffer, const ParserLimits& limits,
                                              RequestHead& head, ParseProgress& progress);

}  // namespace seabag::http
