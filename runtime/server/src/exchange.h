#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "body_reader.h"
#include "engine.h"
#include "seabag/http/request_parser.h"
#include "seabag/net/address.h"

namespace seabag::server {

/// The dialogue on one connection: requests in, answers out, in order. It knows no sockets. One
/// thread at a time.
class Exchange {
 public:
  Exchange(Engine& engine, const net::Peer& client) : engine_(&engine), client_(&client) {}

  enum class State : std::uint8_t {
    hungry,   ///< all whole requests are answered: more input is needed
    crowded,  ///< the output is full: send it, then go on with the rest of the input
    over,     ///< the last answer has been given; what else the client sends is of no interest
  };
  struct Progress {
    State state = State::hungry;
    std::size_t used = 0;  ///< of the input; the rest comes again, with more behind it
  };

  /// Answers the requests in `input`, into the engine's output.
  Progress take(std::string_view input);

  /// The rest of a request has not come in time: answers that, and it is over.
  void time_out();

  [[nodiscard]] bool has_answered() const { return has_answered_; }
  /// The client may be in the middle of sending content that nobody reads.
  [[nodiscard]] bool is_cut_short() const { return is_cut_short_; }
  [[nodiscard]] bool is_reading_content() const { return body_ != nullptr; }
  /// When content that is being read must be complete, as far as it has come.
  [[nodiscard]] net::Milliseconds content_deadline() const;

 private:
  Progress take_head(std::string_view input);
  Progress take_content(std::string_view input);
  Progress begin_content(std::string_view head_bytes, std::string_view content);
  State answer(std::string_view content, bool is_last_one);
  Progress answer_error(http::Status status, const char* reason);
  void restore_head(const BodyReader& body);
  void log(const AnswerRecord& record, std::string_view trouble, std::uint64_t start);

  Engine* engine_;
  const net::Peer* client_;
  http::ParseProgress progress_;      ///< of the head at the start of the next input
  std::unique_ptr<BodyReader> body_;  ///< content that is on its way
  bool has_answered_ = false;
  bool is_cut_short_ = false;
};

}  // namespace seabag::server
