#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seabag/http/response_head.h"
#include "seabag/http2/encoder_table.h"

namespace seabag::http2 {

/// Appends a field as a literal that enters no table; letters of the name become small ones.
void append_field(std::string& block, std::string_view name, std::string_view value);

/// Appends rendered lines, each ending in CRLF, in the same way.
void append_lines(std::string& block, std::string_view lines);

/// The block of an interim answer, 100.
inline constexpr std::string_view kContinueBlock =
    "\x08\x03"
    "100";

/// Writes the heads of answers as header blocks (RFC 7541). Rendered field lines, which many
/// answers share, are translated once and remembered, and so is the date. Lines that were seen
/// before, and the date, enter the client's dynamic table and take a byte from then on; what
/// differs from answer to answer does not, and neither does `set-cookie`. One thread at a time.
class ResponseEncoder {
 public:
  ResponseEncoder();
  ~ResponseEncoder();

  /// Enough room for `write`.
  [[nodiscard]] static std::size_t bound(const http::ResponseHead& head);

  /// Writes the next block of the connection whose table it is to `out`, which has as much room,
  /// and returns its size. What `head.connection` says has no place in HTTP/2. The caller answers
  /// for the values, as for http::write_response_head.
  [[nodiscard]] std::size_t write(const http::ResponseHead& head, EncoderTable& table,
                                  std::span<char> out);

 private:
  struct Field;
  struct Translated;
  struct Memory;

  char* put_lines(std::string_view lines, EncoderTable& table, char* out);
  char* put_date(std::string_view date, EncoderTable& table, char* out);
  std::string_view modified(std::int64_t moment);
  Translated& remember(std::string_view lines);
  void share(Translated& translated);

  std::unique_ptr<Memory> memory_;
};

}  // namespace seabag::http2
