#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/http/chunked_decoder.h"
#include "seabag/http/request_head.h"

namespace seabag::http {

/// How much a server may answer with before it is taken for a broken one. Content has no limit,
/// because none of it is kept.
struct ResponseLimits {
  /// Bytes of the status line without its CRLF.
  std::size_t status_line = std::size_t{8} * 1024;
  /// Bytes of all field lines, their CRLFs counted.
  std::size_t field_block = std::size_t{32} * 1024;
  /// Field lines.
  std::size_t fields = 100;
  /// 1xx answers in front of the final one.
  std::size_t interim = 16;
  ChunkLimits chunks = {};
};

/// Whether an answer has content as its head says, or none whatever it says (HEAD).
enum class AnswerContent : std::uint8_t { as_told, none };

enum class ReadState : std::uint8_t {
  incomplete,  ///< more bytes are needed
  complete,    ///< an answer ended; what follows `consumed` belongs to the next one
  error,       ///< nothing more is to be read from this connection
};

/// What became of some input.
struct ReadOutcome {
  ReadState state = ReadState::incomplete;
  /// Bytes of the input that are done with. The others belong to a head that is not complete: give
  /// them again, with more behind them.
  std::size_t consumed = 0;
  /// The cause of an error, a literal.
  const char* reason = "";
};

/// Reads the answers on one HTTP/1.x connection as a client, one after the other (RFC 9112), and
/// tells where each ends. As strict as our request parser: one reading, or an error.
///
/// Refused: everything but CRLF as a line end; a status line that is not `HTTP/1.0` or `HTTP/1.1`,
/// a space, a code from 100 to 599, a space and a phrase; folded lines; a name that is empty, no
/// token or followed by a space; controls in a value; Content-Length that repeats, is no number or
/// does not fit 63 bits, or comes with Transfer-Encoding; any Transfer-Encoding but one `chunked`
/// on 1.1; content announced by a 204 or 1xx; 101, which nobody asked for. 1xx answers are skipped.
///
/// Keeps a few words of state and no bytes. Pure; never allocates. One thread at a time.
class ResponseReader {
 public:
  explicit ResponseReader(AnswerContent content, const ResponseLimits& limits = {})
      : limits_(limits), content_(content), chunks_(limits.chunks) {}

  /// Goes on with `input`, which starts where the last call stopped consuming. After `complete` it
  /// begins with the next answer; not to be called after `error`.
  [[nodiscard]] ReadOutcome read(std::string_view input);

  /// The connection has ended: `complete` when that is what ends the content, otherwise an error.
  [[nodiscard]] ReadOutcome end();

  /// Of the answer that is complete: its code, and whether another may follow on this connection.
  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }

  /// Whether some of an answer has come, but not all of it.
  [[nodiscard]] bool is_inside() const { return is_inside_; }

 private:
  enum class Step : std::uint8_t { head, length, chunked, until_end };

  ReadOutcome read_head(std::string_view input);
  [[nodiscard]] const char* find_head(std::string_view input, std::size_t& size);
  [[nodiscard]] const char* parse_head(std::string_view head);
  [[nodiscard]] const char* parse_status_line(std::string_view line);
  [[nodiscard]] const char* parse_field(FieldName name, std::string_view value);
  [[nodiscard]] const char* parse_length(std::string_view value);
  void parse_connection(std::string_view value);
  [[nodiscard]] const char* choose_content();
  ReadOutcome finish(std::size_t consumed);

  ResponseLimits limits_;
  AnswerContent content_;
  ChunkedDecoder chunks_;
  Step step_ = Step::head;
  std::size_t scanned_ = 0;  ///< of an incomplete head: has been searched for its end
  std::size_t interim_ = 0;
  std::uint64_t left_ = 0;  ///< bytes of content to come
  unsigned status_ = 0;
  bool is_1_1_ = true;
  bool has_length_ = false;
  bool is_chunked_ = false;
  bool closes_ = false;
  bool asks_to_keep_ = false;
  bool keeps_alive_ = true;
  bool is_inside_ = false;
};

}  // namespace seabag::http
