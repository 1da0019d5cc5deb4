#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "seabag/net/stream.h"

/// The seam between connections and what is spoken on them.
namespace seabag::load {

/// A moment of CLOCK_MONOTONIC in nanoseconds.
using Moment = std::uint64_t;

/// Who is told of answers.
class Answers {
 public:
  virtual ~Answers() = default;
  /// The whole answer to the request that was begun with `start` has come.
  virtual void on_answer(Moment start, unsigned status) = 0;
};

/// What becomes of a connection.
enum class Fate : std::uint8_t {
  goes_on,
  ends,    ///< the server wants no more requests on it; the open ones may be sent again
  breaks,  ///< the server ended it in the middle of an answer
  fails,   ///< what came is no answer
};

struct Judgement {
  Fate fate = Fate::goes_on;
  const char* reason = "";  ///< why it breaks or fails, a literal
};

/// How requests become bytes, and bytes answers, on one connection. One thread at a time.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// How many more requests may be under way.
  [[nodiscard]] virtual std::size_t room() const = 0;

  /// Whether no request is under way.
  [[nodiscard]] virtual bool is_idle() const = 0;

  /// Puts one more request into the queue of `send`. There must be room. `start` comes back with
  /// the answer.
  virtual void begin(Moment start) = 0;

  /// Whether `send` has something to do.
  [[nodiscard]] virtual bool has_output() const = 0;
  /// Sends what the socket takes.
  [[nodiscard]] virtual net::TransferState send(net::Stream& stream) = 0;

  /// Takes what the server has sent: all of it, keeping what is incomplete.
  [[nodiscard]] virtual Judgement receive(std::string_view bytes, Answers& answers) = 0;
  /// The server has ended the connection.
  [[nodiscard]] virtual Judgement end(Answers& answers) = 0;

  /// The starts of the requests that have no answer, oldest first.
  [[nodiscard]] virtual std::vector<Moment> open_requests() const = 0;
  /// Begins anew, for a new connection; nothing is under way.
  virtual void reset() = 0;
};

}  // namespace seabag::load
