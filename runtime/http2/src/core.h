#pragma once

#include <string>
#include <vector>

#include "control_writer.h"
#include "request_reader.h"
#include "seabag/http2/session.h"
#include "streams.h"

namespace seabag::http2 {

/// What a client may still do of the things that cost us more than it (see Limits).
struct Budgets {
  unsigned resets = 0;
  bool has_been_delayed = false;
  unsigned empty_data = 0;
  std::uint64_t priorities = 0;
  std::uint64_t window_updates = 0;
};

/// What Session hides.
class Session::Core {
 public:
  Core(const Limits& the_limits, Milliseconds now);

  Event take(std::string_view input, Milliseconds now, Workspace& workspace);
  std::optional<DataFrame> next_data(std::uint64_t most, Milliseconds now);
  void offer(Slot slot, std::uint64_t size, Ending ending);
  void consume(Slot slot, std::size_t size);
  void discard(Slot slot);
  void end_sending(Slot slot);
  void reset_stream(Slot slot, ErrorCode code);
  void drain(Milliseconds now);
  void shrink();
  /// The end of the connection.
  void fail(ErrorCode code);
  [[nodiscard]] Milliseconds deadline() const;
  void on_deadline(Milliseconds now);
  [[nodiscard]] bool can_send() const;

  const Limits limits;
  Streams streams;
  SendOrder order{streams};
  ControlWriter control;
  bool is_over = false;
  std::uint32_t encoder_table_limit = ~std::uint32_t{0};

 private:
  /// Nothing to tell the caller, or what.
  using Told = std::optional<Event>;
  enum class Drain : std::uint8_t { none, announced, final };

  Told take_frame(std::string_view input, std::size_t& used, Milliseconds now,
                  Workspace& workspace);
  Told handle(const FrameHeader& header, std::string_view payload, Milliseconds now,
              Workspace& workspace);
  [[nodiscard]] bool fits_state(const FrameHeader& header) const;

  Told take_data_header(std::string_view input, const FrameHeader& header, std::size_t& used);
  Told take_data(std::string_view input, std::size_t& used);
  Told open_data(const FrameHeader& header);
  void end_receiving(Slot slot);
  void receive_window_used(std::uint32_t size);

  Told handle_headers(const FrameHeader& header, std::string_view payload, Milliseconds now,
                      Workspace& workspace);
  Told handle_continuation(const FrameHeader& header, std::string_view payload,
                           Workspace& workspace);
  Told finish_block(std::string_view block, Workspace& workspace);
  Told open_request(std::string_view block, Workspace& workspace);
  Told finish_trailers(Slot slot, std::string_view block, Workspace& workspace);
  void refuse_stream(ErrorCode code);
  Told skip_block(std::string_view block, Workspace& workspace);
  Told close_by_error(Slot slot, ErrorCode code);

  Told handle_settings(const FrameHeader& header, std::string_view payload);
  bool apply_setting(std::uint16_t id, std::uint32_t value);
  bool change_initial_window(std::uint32_t value);
  Told handle_window_update(const FrameHeader& header, std::string_view payload, Milliseconds now);
  Told handle_reset(const FrameHeader& header, std::string_view payload, Milliseconds now);
  Told handle_ping(const FrameHeader& header, std::string_view payload);
  Told handle_goaway(const FrameHeader& header, std::string_view payload);
  Told handle_priority(const FrameHeader& header, std::string_view payload);
  Told handle_priority_update(const FrameHeader& header, std::string_view payload);
  bool count_priority();
  void set_priority(Slot slot, Priority priority);
  Priority priority_for(std::uint32_t id, Priority said);

  void keep_answered(Slot slot);
  void watch_answered(Slot slot);
  void end_answered(std::size_t count);
  void expire_answered();
  void hear_last_word(std::uint32_t id, std::uint8_t flags);

  void close(Slot slot, Closure closure);
  void update_queue(Slot slot);
  void spend_reset(Milliseconds now);
  void count_served();
  void earn(std::uint64_t window_updates, std::uint64_t priorities);
  void finish_drain();
  Told fail_with(ErrorCode code) {
    fail(code);
    return Event{.kind = Event::Kind::over};
  }

  HpackDecoder decoder_;
  std::vector<char> block_;  ///< a header block that comes in several frames
  std::uint32_t block_stream_ = 0;
  std::uint8_t block_flags_ = 0;
  bool is_in_block_ = false;
  bool block_depends_on_itself_ = false;
  unsigned block_frames_ = 0;
  Milliseconds block_deadline_ = 0;

  std::uint32_t data_stream_ = 0;  ///< the DATA frame that is being taken
  Slot data_slot_ = kNoSlot;       ///< kNoSlot: its content is thrown away
  std::uint32_t data_left_ = 0;
  std::uint32_t padding_left_ = 0;
  bool is_in_data_ = false;
  bool data_ends_ = false;

  /// A stream whose answer is complete while the client still speaks.
  struct Answered {
    Slot slot = 0;
    Milliseconds until = 0;
  };
  std::vector<Answered> answered_;  ///< the oldest first

  struct Ahead {
    std::uint32_t stream = 0;
    Priority priority;
  };
  std::vector<Ahead> priorities_ahead_;  ///< for streams that are still to come

  Budgets budgets_;
  Milliseconds now_;
  Milliseconds paused_until_ = 0;
  Milliseconds progress_ = 0;  ///< when content could last be sent
  std::size_t pending_streams_ = 0;
  std::uint32_t last_stream_ = 0;
  std::uint32_t peer_initial_window_ = kDefaultWindow;
  std::uint32_t connection_credit_ = 0;
  std::int64_t receive_window_ = 0;
  Drain drain_ = Drain::none;
  Milliseconds drain_deadline_ = 0;
  bool has_preface_ = false;
  bool has_settings_ = false;
  std::int64_t send_window = kDefaultWindow;
};

}  // namespace seabag::http2
