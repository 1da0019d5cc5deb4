#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace seabag::websocket {

/// Decompresses messages of permessage-deflate, piece by piece. One thread at a time.
class Inflater {
 public:
  explicit Inflater(int window_bits);
  ~Inflater();

  enum class State : unsigned char {
    more_output,  ///< `out` is full: call again with the rest of the input
    need_input,   ///< all input is used
    malformed,    ///< or there is no memory
  };
  struct Outcome {
    State state = State::malformed;
    std::size_t used = 0;
    std::size_t written = 0;
  };
  [[nodiscard]] Outcome inflate(std::string_view input, std::span<char> out);

  /// Whether it stands between two blocks, as at a message's end.
  [[nodiscard]] bool is_between_blocks() const;

  /// Forgets all messages.
  void reset();

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace seabag::websocket
