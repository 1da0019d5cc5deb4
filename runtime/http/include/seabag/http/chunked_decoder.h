#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/http/status.h"

namespace seabag::http {

/// What a chunked content may hold besides its data.
struct ChunkLimits {
  /// Bytes of the extensions of one chunk; more is 400.
  std::size_t extension = 256;
  /// Bytes of all extensions of one content, so that tiny chunks can't carry large ones for ever;
  /// more is 400.
  std::size_t all_extensions = std::size_t{16} * 1024;
  /// Bytes of the trailer section; more is 431.
  std::size_t trailers = std::size_t{4} * 1024;
};

enum class ChunkState : std::uint8_t {
  need_more,  ///< all input is consumed
  data,       ///< `ChunkOutcome::data` is the next piece of the content
  complete,   ///< the content ended; what follows `consumed` belongs to the next request
  error,      ///< nothing more is to be read from this connection
};

/// What became of some input.
struct ChunkOutcome {
  ChunkState state = ChunkState::need_more;
  /// Bytes of the input that are done with.
  std::size_t consumed = 0;
  /// A view into the input; never empty when `state` is `data`.
  std::string_view data = {};
  /// For an error: 400 or 431, and the cause as a literal.
  Status status = Status::ok;
  const char* reason = "";
};

/// Takes the chunked transfer coding off a request's content (RFC 9112 §7.1), strictly: a size is
/// 1 to 16 hexadecimal digits, only CRLF ends a line, extensions are names with tokens or quoted
/// strings (§7.1.1). Trailer fields are checked like header fields. Both are dropped: they never
/// become part of a head.
///
/// Keeps a few words of state and no bytes. Use one for each content. One thread at a time.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(const ChunkLimits& limits = {}) : limits_(limits) {}

  /// Goes on with `input`, which starts where the last call stopped consuming. Call it again with
  /// the rest after `data`, with more after `need_more`, and not at all after the other two.
  [[nodiscard]] ChunkOutcome decode(std::string_view input);

 private:
  enum class Step : std::uint8_t {
    size,
    extension_start,
    extension_name,
    extension_name_end,  ///< white space behind it
    extension_value_start,
    extension_token,
    extension_quoted,
    extension_escape,
    extension_quoted_end,
    extension_end,  ///< white space behind a value
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
  };

  [[nodiscard]] const char* take(char c);
  [[nodiscard]] const char* take_size(char c);
  [[nodiscard]] const char* take_extension(char c);
  [[nodiscard]] bool step_in_extension(char c);
  [[nodiscard]] bool step_in_word(char c, Step word, Step behind);
  [[nodiscard]] bool end_extension(char c);
  [[nodiscard]] const char* take_trailer(char c);
  [[nodiscard]] const char* expect(char c, char expected, Step next);

  ChunkLimits limits_;
  Step step_ = Step::size;
  std::uint64_t left_ = 0;
  std::size_t digits_ = 0;
  std::size_t extension_ = 0;
  std::size_t all_extensions_ = 0;
  std::size_t trailers_ = 0;
};

}  // namespace seabag::http
