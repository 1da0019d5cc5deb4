#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/websocket/deflate.h"
#include "seabag/websocket/frame.h"
#include "seabag/websocket/limits.h"
#include "seabag/websocket/message.h"
#include "seabag/websocket/utf8_checker.h"

namespace seabag::websocket {

class Deflater;
class Inflater;

/// What sessions need for a moment; all sessions of a thread may share one, so that one which idles
/// has no buffers. One thread at a time.
class Workspace {
 public:
  Workspace();
  ~Workspace();

 private:
  friend class Session;
  static constexpr std::size_t kChunk = std::size_t{16} * 1024;

  [[nodiscard]] std::unique_ptr<Inflater> borrow_inflater();
  void give_back(std::unique_ptr<Inflater> inflater);
  /// With the largest window.
  [[nodiscard]] Deflater& deflater(int level);

  std::string message_;  ///< that came in one piece
  std::unique_ptr<char[]> unmasked_;
  std::unique_ptr<char[]> inflated_;
  std::vector<std::unique_ptr<Inflater>> inflaters_;
  std::unique_ptr<Deflater> deflater_;
  int deflater_level_ = 0;
};

/// What a client has said.
struct Event {
  enum class Kind : std::uint8_t {
    need_more,  ///< all input is taken
    message,    ///< `payload`, which is UTF-8 when it is a text
    ping,       ///< the answer is among the control frames
    pong,
    closed,  ///< the client ends the connection with `code` and the reason in `payload`
    failed,  ///< the client broke a rule: it is told `code`, and the cause in `payload`
  };
  Kind kind = Kind::need_more;
  std::size_t used = 0;  ///< of the input
  MessageKind message = MessageKind::binary;
  CloseCode code = CloseCode::no_status;
  std::string_view payload = {};  ///< valid until the next call
};

/// A frame for a client: send the header, then the payload.
struct OutgoingFrame {
  OutgoingHeader header;
  std::string_view payload;
  std::shared_ptr<const void> owner;  ///< keeps the payload
};

/// The server's end of one WebSocket (RFC 6455, with permessage-deflate of RFC 7692), without any
/// I/O: bytes in, messages out, and back. Faults are found with the first byte that shows them.
/// Memory is bounded by the limits; between messages it holds none, but for compression with
/// context takeover. One thread at a time.
class Session {
 public:
  explicit Session(const Limits& limits, const std::optional<DeflateAgreement>& deflate = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Takes input up to the next event. Nothing is taken once it is over. Messages that come after
  /// `close` are thrown away.
  [[nodiscard]] Event take(std::string_view input, Workspace& workspace);

  /// A message as it goes to this client; `is_open` must be true, and frames go out in this order.
  [[nodiscard]] OutgoingFrame frame(const SharedMessage& message, Workspace& workspace);
  /// Asks the client for a sign of life, with at most kLongestControl bytes that it sends back.
  void ping(std::string_view payload);
  /// Says Close, unless that has been said. A code that may not be sent becomes an empty Close; a
  /// reason is UTF-8 of at most kLongestReason bytes. What the client says until its own Close is
  /// still to be taken.
  void close(CloseCode code, std::string_view reason = {});

  /// Frames to be sent next; `control_sent` when they are on their way. At most a few KB: of Pings
  /// that nobody answered in time the newest count (RFC 6455 §5.5.3).
  [[nodiscard]] std::string_view control() const { return control_; }
  void control_sent() { control_.clear(); }

  /// Messages can be sent.
  [[nodiscard]] bool is_open() const { return state_ == State::open; }
  /// Both sides have said Close, or a rule was broken: nothing more but the control frames.
  [[nodiscard]] bool is_over() const { return state_ == State::over; }

 private:
  enum class State : std::uint8_t { open, closing, over };
  struct Fault {
    CloseCode code;
    const char* cause;
  };
  using Faults = std::optional<Fault>;
  /// Nothing to tell the caller, or what.
  using Told = std::optional<Event>;

  std::size_t take_header(std::string_view input);
  [[nodiscard]] std::size_t header_size() const;
  [[nodiscard]] Faults check_start() const;
  [[nodiscard]] Faults check_lengths();
  [[nodiscard]] Faults begin_frame(std::size_t available, Workspace& workspace);
  [[nodiscard]] Faults begin_data(std::size_t available, Workspace& workspace);
  [[nodiscard]] Faults take_payload(std::string_view input, Workspace& workspace);
  [[nodiscard]] Faults take_data(std::string_view input, Workspace& workspace);
  [[nodiscard]] Faults inflate(std::string_view bytes, Workspace& workspace);
  [[nodiscard]] Faults append(std::string_view bytes);
  [[nodiscard]] Faults finish_frame(Workspace& workspace, Told& told);
  [[nodiscard]] Faults finish_message(Workspace& workspace, Told& told);
  [[nodiscard]] Faults take_close(Told& told);
  Event fail(const Fault& fault);
  [[nodiscard]] OutgoingFrame frame_by_own_window(const Message& message);
  void say(Opcode opcode, std::string_view payload);
  void release();

  [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0f); }
  [[nodiscard]] bool is_final() const { return (header_[0] & 0x80) != 0; }
  [[nodiscard]] bool is_control() const { return (header_[0] & 0x08) != 0; }
  [[nodiscard]] bool has_deflate_bit() const { return (header_[0] & 0x40) != 0; }

  Limits limits_;
  std::optional<DeflateAgreement> deflate_;
  State state_ = State::open;

  std::array<unsigned char, kLongestHeader> header_{};  ///< of the frame that is being taken
  std::uint8_t header_taken_ = 0;
  bool is_in_payload_ = false;
  std::uint64_t length_ = 0;  ///< of its payload
  std::uint64_t taken_ = 0;
  MaskingKey key_{};
  std::array<char, kLongestControl> control_payload_{};

  bool is_in_message_ = false;
  MessageKind kind_ = MessageKind::text;
  Coding coding_ = Coding::plain;
  std::size_t fragments_ = 0;
  std::uint64_t message_input_ = 0;  ///< bytes of its frames' payloads
  Utf8Checker utf8_;
  std::string* target_ = nullptr;  ///< `message_` or the workspace's
  std::string message_;            ///< that comes in pieces
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;  ///< only where the workspace's does not fit
  std::string control_;
};

}  // namespace seabag::websocket
