#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/http/status.h"
#include "seabag/http2/error_code.h"
#include "seabag/http2/frame.h"
#include "seabag/http2/limits.h"

namespace seabag::http2 {

/// Which of the open streams: a small number that is used again after the stream has closed.
using Slot = std::uint16_t;

/// What decoding a request needs for a moment; all sessions of a thread may share one.
class Workspace {
 public:
  explicit Workspace(const Limits& limits);

  http::RequestHead head;
  [[nodiscard]] std::span<char> scratch() { return {scratch_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> scratch_;
};

/// Whether something is followed by more of it.
enum class Ending : std::uint8_t { more, ends };

/// What a client has said.
struct Event {
  enum class Kind : std::uint8_t {
    need_more,  ///< everything that has come whole is taken
    request,    ///< the workspace's head; `ending` tells whether content follows
    refused,    ///< the same, but the answer is to be `status`: 414 or 431
    content,    ///< a part of a request's content, maybe an empty one at its end
    closed,     ///< the stream is gone: nothing can be said to it any more
    paused,     ///< nothing is to be taken before `deadline`
    over,       ///< the connection ends: send `control` and close it
  };
  Kind kind = Kind::need_more;
  std::size_t used = 0;  ///< of the input
  Slot slot = 0;
  Ending ending = Ending::more;
  http::Status status = http::Status::ok;
  std::string_view content = {};   ///< into the input
  std::string_view protocol = {};  ///< of an extended CONNECT (RFC 8441), into the input or scratch
};

/// A DATA frame that is to be sent next: its header, and how much content of which stream.
struct DataFrame {
  std::array<char, kFrameHeaderSize> header{};
  Slot slot = 0;
  std::uint32_t length = 0;
  Ending ending = Ending::more;  ///< the stream's answer is complete
};

/// The server's end of one HTTP/2 connection (RFC 9113), without any I/O: bytes and moments in,
/// events and frames out. It keeps the states of streams, both directions of flow control, the
/// order of answers (RFC 9218) and the limits; what requests mean, and the content of answers, are
/// the caller's. Heads go out as the caller likes; content goes out in the order of `next_data`.
///
/// One thread at a time. Moments never go back.
class Session {
 public:
  /// Has SETTINGS to say at once.
  Session(const Limits& limits, Milliseconds now);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Takes input, which begins with what was not used before, up to the next event. Views of the
  /// event and of the head are valid until the next call or until the input goes.
  [[nodiscard]] Event take(std::string_view input, Milliseconds now, Workspace& workspace);

  /// Frames to be sent before anything else; `control_sent` when they are on their way.
  [[nodiscard]] std::string_view control() const;
  void control_sent();

  /// The smallest dynamic table that the client has asked our header blocks to do with so far; the
  /// largest number when it has not.
  [[nodiscard]] std::uint32_t encoder_table_limit() const;

  /// Room that a header block of `size` bytes takes in frames.
  [[nodiscard]] static constexpr std::size_t head_room(std::size_t size) {
    return size + (size / kFrameSize + 1) * kFrameHeaderSize;
  }
  /// Makes frames of a header block of `size` bytes that the caller has written to `space` from
  /// byte kFrameHeaderSize on; returns how many bytes of `space` they are, at most `head_room`.
  [[nodiscard]] std::size_t frame_head(Slot slot, std::span<char> space, std::size_t size) const;
  /// Marks frames made by `frame_head` as the last ones of their stream, and closes our half of it.
  void end_with_head(Slot slot, std::span<char> frames);
  /// `size` more bytes are there to be sent, not 0 unless they end the answer.
  void offer(Slot slot, std::uint64_t size, Ending ending);
  /// The next frame of content, of at most `most` bytes; nothing when nothing can be sent.
  [[nodiscard]] std::optional<DataFrame> next_data(std::uint64_t most, Milliseconds now);

  /// `size` bytes of content have been taken, so that as many may follow.
  void consume(Slot slot, std::size_t size);
  /// Nobody reads the content of this request: its rest is judged and thrown away. A client that
  /// goes on after the whole answer is told to stop (RFC 9113 §8.1, Limits::answered_time).
  void discard(Slot slot);
  /// Ends a stream at once.
  void reset(Slot slot, ErrorCode code);

  /// No more requests: says GOAWAY, and again when the client has seen it. Over when no stream is
  /// left. May be called again.
  void drain(Milliseconds now);
  /// Says GOAWAY and is over, whatever is under way.
  void end(ErrorCode code);

  /// Streams that are open.
  [[nodiscard]] std::size_t stream_count() const;
  /// Content is waiting that could be sent.
  [[nodiscard]] bool can_send() const;
  [[nodiscard]] bool is_over() const;
  /// When `on_deadline` must be called; the largest number for never.
  [[nodiscard]] Milliseconds deadline() const;
  void on_deadline(Milliseconds now);
  /// Gives memory back that an idle connection does not need.
  void shrink();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace seabag::http2
