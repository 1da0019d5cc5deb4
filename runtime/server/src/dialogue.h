#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seabag/net/timer_wheel.h"

namespace seabag::server {

/// Who calls `take` of a dialogue.
class Stirred {
 public:
  virtual ~Stirred() = default;
  /// Sees to it that `take` is called soon, perhaps with nothing new.
  virtual void stir() = 0;
};

/// What the bytes of one connection mean in one protocol: requests in, answers out. It knows no
/// sockets. One thread at a time.
class Dialogue {
 public:
  enum class State : std::uint8_t {
    hungry,     ///< all that can be done is done: more input is needed
    crowded,    ///< the output is full: send it, then go on with the rest of the input
    paused,     ///< nothing more is taken before the deadline
    waiting,    ///< nothing more is taken before somebody else has done something (see Stirred)
    over,       ///< the last answer has been given; what else the client sends is of no interest
    cut_short,  ///< the same, and the client may be in the middle of sending
    broken,     ///< an answer can't be completed, which the client must notice: end at once
  };
  struct Progress {
    State state = State::hungry;
    std::size_t used = 0;  ///< of the input; the rest comes again, with more behind it
  };

  virtual ~Dialogue() = default;

  /// Answers the requests in `input`, which may be empty, into the engine's output.
  virtual Progress take(std::string_view input) = 0;

  /// The client has finished sending, and all it sent has been offered to `take`, unless this is
  /// `waiting`.
  virtual State on_input_end() = 0;

  /// When `on_deadline` must be called, unless something happens before.
  [[nodiscard]] virtual net::Milliseconds deadline() const = 0;
  /// The client has taken too long, or it is time to go on. May add to the output.
  virtual State on_deadline() = 0;

  /// No requests but those that are under way: over when there are none. May add to the output, and
  /// may be called again.
  virtual State drain() = 0;
};

}  // namespace seabag::server
