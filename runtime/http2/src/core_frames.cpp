#include <algorithm>

#include "core.h"

namespace seabag::http2 {
namespace {

using Type = FrameType;

constexpr std::size_t kSettingSize = 6;
/// Names the end of a drain's first step.
constexpr std::string_view kDrainPing = "draining";
/// Priorities of streams to come that are remembered; clients say them right before the request.
constexpr std::size_t kMostAhead = 32;
constexpr std::uint64_t kMostUpdates = 10'000;

}  // namespace

/// What may come between which frames (RFC 9113 §3.4, §6.10).
bool Session::Core::fits_state(const FrameHeader& header) const {
  if (!has_settings_ && header.type != static_cast<std::uint8_t>(Type::settings)) {
    return false;
  }
  const bool is_continuation = header.type == static_cast<std::uint8_t>(Type::continuation);
  return is_in_block_ ? is_continuation && header.stream == block_stream_ : !is_continuation;
}

Session::Core::Told Session::Core::handle(const FrameHeader& header, std::string_view payload,
                                          Milliseconds now, Workspace& workspace) {
  switch (static_cast<Type>(header.type)) {
    case Type::headers:
      return handle_headers(header, payload, now, workspace);
    case Type::continuation:
      return handle_continuation(header, payload, workspace);
    case Type::settings:
      return handle_settings(header, payload);
    case Type::window_update:
      return handle_window_update(header, payload, now);
    case Type::rst_stream:
      return handle_reset(header, payload, now);
    case Type::ping:
      return handle_ping(header, payload);
    case Type::goaway:
      return handle_goaway(header, payload);
    case Type::priority:
      return handle_priority(header, payload);
    case Type::priority_update:
      return handle_priority_update(header, payload);
    case Type::push_promise:
      return fail_with(ErrorCode::protocol_error);
    case Type::data:  // is not taken whole
      break;
  }
  return std::nullopt;  // RFC 9113 §5.5: what nobody knows is ignored
}

Session::Core::Told Session::Core::handle_settings(const FrameHeader& header,
                                                   std::string_view payload) {
  const bool is_ack = (header.flags & kAck) != 0;
  if (header.stream != 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  if (payload.size() % kSettingSize != 0 || (is_ack && !payload.empty())) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (is_ack) {
    return has_settings_ ? std::nullopt : fail_with(ErrorCode::protocol_error);
  }
  has_settings_ = true;
  for (; !payload.empty(); payload.remove_prefix(kSettingSize)) {
    if (!apply_setting(read_u16(payload.data()), read_u32(payload.data() + 2))) {
      return Event{.kind = Event::Kind::over};
    }
  }
  control.settings_ack();
  return std::nullopt;
}

bool Session::Core::apply_setting(std::uint16_t id, std::uint32_t value) {
  bool is_good = true;
  switch (static_cast<Setting>(id)) {
    case Setting::initial_window_size:
      return change_initial_window(value);
    case Setting::enable_push:
    case Setting::enable_connect_protocol:
    case Setting::no_rfc7540_priorities:
      is_good = value <= 1;
      break;
    case Setting::max_frame_size:
      is_good = value >= kFrameSize && value <= kLargestFrameSize;
      break;
    case Setting::header_table_size:
      encoder_table_limit = std::min(encoder_table_limit, value);
      break;
    case Setting::max_concurrent_streams:
    case Setting::max_header_list_size:
      break;
  }
  if (!is_good) {
    fail(ErrorCode::protocol_error);
  }
  return is_good;
}

bool Session::Core::change_initial_window(std::uint32_t value) {
  const std::int64_t change = std::int64_t{value} - peer_initial_window_;
  bool is_good = value <= kLargestWindow;
  for (std::size_t i = 0; is_good && i < streams.slot_count(); ++i) {
    const auto slot = static_cast<Slot>(i);
    Stream& stream = streams[slot];
    if (stream.id != 0) {
      stream.send_window += change;
      is_good = stream.send_window <= std::int64_t{kLargestWindow};
      update_queue(slot);
    }
  }
  peer_initial_window_ = value;
  if (!is_good) {
    fail(ErrorCode::flow_control_error);
  }
  return is_good;
}

Session::Core::Told Session::Core::handle_window_update(const FrameHeader& header,
                                                        std::string_view payload,
                                                        Milliseconds now) {
  if (payload.size() != 4) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (budgets_.window_updates == 0) {
    return fail_with(ErrorCode::enhance_your_calm);
  }
  --budgets_.window_updates;
  const std::uint32_t increment = read_u32(payload.data()) & kStreamMask;
  if (header.stream == 0) {
    send_window += increment;
    if (increment == 0 || send_window > std::int64_t{kLargestWindow}) {
      return fail_with(increment == 0 ? ErrorCode::protocol_error : ErrorCode::flow_control_error);
    }
    progress_ = now;
    return std::nullopt;
  }
  if (header.stream > last_stream_ || header.stream % 2 == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  const Slot slot = streams.find(header.stream);
  if (slot == kNoSlot) {
    return std::nullopt;  // it may have been sent before the end was seen
  }
  Stream& stream = streams[slot];
  stream.send_window += increment;
  if (increment == 0 || stream.send_window > std::int64_t{kLargestWindow}) {
    return close_by_error(
        slot, increment == 0 ? ErrorCode::protocol_error : ErrorCode::flow_control_error);
  }
  update_queue(slot);
  return std::nullopt;
}

Session::Core::Told Session::Core::handle_reset(const FrameHeader& header, std::string_view payload,
                                                Milliseconds now) {
  if (payload.size() != 4) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (header.stream == 0 || header.stream > last_stream_ || header.stream % 2 == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  const Slot slot = streams.find(header.stream);
  if (slot == kNoSlot) {
    return std::nullopt;
  }
  close(slot, Closure::by_client);
  spend_reset(now);
  return Event{.kind = Event::Kind::closed, .slot = slot};
}

Session::Core::Told Session::Core::handle_ping(const FrameHeader& header,
                                               std::string_view payload) {
  if (header.stream != 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  if (payload.size() != kDrainPing.size()) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if ((header.flags & kAck) == 0) {
    control.ping(payload, kAck);
  } else if (payload == kDrainPing && drain_ == Drain::announced) {
    finish_drain();
  }
  return std::nullopt;
}

Session::Core::Told Session::Core::handle_goaway(const FrameHeader& header,
                                                 std::string_view payload) {
  constexpr std::size_t kSmallest = 8;
  if (header.stream != 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  // It promises no more requests, and speaks of ours, of which there are none.
  return payload.size() < kSmallest ? fail_with(ErrorCode::frame_size_error) : std::nullopt;
}

/// The priorities of RFC 7540 are checked and forgotten (RFC 9113 §5.3).
Session::Core::Told Session::Core::handle_priority(const FrameHeader& header,
                                                   std::string_view payload) {
  constexpr std::size_t kSize = 5;
  if (header.stream == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  if (!count_priority()) {
    return fail_with(ErrorCode::enhance_your_calm);
  }
  const bool has_size = payload.size() == kSize;
  if (has_size && (read_u32(payload.data()) & kStreamMask) != header.stream) {
    return std::nullopt;
  }
  const auto code = has_size ? ErrorCode::protocol_error : ErrorCode::frame_size_error;
  const Slot slot = streams.find(header.stream);
  return slot == kNoSlot ? fail_with(code) : close_by_error(slot, code);
}

Session::Core::Told Session::Core::handle_priority_update(const FrameHeader& header,
                                                          std::string_view payload) {
  constexpr std::size_t kIdSize = 4;
  if (header.stream != 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  if (payload.size() < kIdSize) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (!count_priority()) {
    return fail_with(ErrorCode::enhance_your_calm);
  }
  const std::uint32_t id = read_u32(payload.data()) & kStreamMask;
  if (id % 2 == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  const Priority priority = parse_priority(payload.substr(kIdSize));
  if (const Slot slot = streams.find(id); slot != kNoSlot) {
    set_priority(slot, priority);
  } else if (id > last_stream_) {
    if (priorities_ahead_.size() == kMostAhead) {
      priorities_ahead_.erase(priorities_ahead_.begin());
    }
    priorities_ahead_.push_back({.stream = id, .priority = priority});
  }
  return std::nullopt;
}

bool Session::Core::count_priority() {
  if (budgets_.priorities == 0) {
    return false;
  }
  --budgets_.priorities;
  return true;
}

void Session::Core::set_priority(Slot slot, Priority priority) {
  order.remove(slot);
  streams[slot].priority = priority;
  update_queue(slot);
}

/// A PRIORITY_UPDATE that came before the request wins over its field (RFC 9218 §7).
Priority Session::Core::priority_for(std::uint32_t id, Priority said) {
  const auto is_this = [id](const Ahead& ahead) { return ahead.stream == id; };
  const auto found = std::find_if(priorities_ahead_.rbegin(), priorities_ahead_.rend(), is_this);
  const Priority priority = found == priorities_ahead_.rend() ? said : found->priority;
  std::erase_if(priorities_ahead_, [id](const Ahead& ahead) { return ahead.stream <= id; });
  return priority;
}

void Session::Core::count_served() {
  budgets_.resets = std::min(budgets_.resets + 1, limits.resets);
}

void Session::Core::spend_reset(Milliseconds now) {
  if (budgets_.resets > 1) {
    --budgets_.resets;
  } else if (budgets_.has_been_delayed) {
    fail(ErrorCode::enhance_your_calm);
  } else {
    budgets_.has_been_delayed = true;
    budgets_.resets = limits.resets;
    paused_until_ = now + limits.reset_delay;
  }
}

void Session::Core::earn(std::uint64_t window_updates, std::uint64_t priorities) {
  budgets_.window_updates = std::min(budgets_.window_updates + window_updates, kMostUpdates);
  budgets_.priorities = std::min(budgets_.priorities + priorities, kMostUpdates);
}

void Session::Core::drain(Milliseconds now) {
  constexpr Milliseconds kPatience = 1'000;
  if (drain_ == Drain::none && !is_over) {
    drain_ = Drain::announced;
    drain_deadline_ = now + kPatience;
    control.goaway(kLargestWindow, ErrorCode::no_error);
    control.ping(kDrainPing, 0);
  }
}

/// The client knows that it must not ask for more: what it has asked for is the last.
void Session::Core::finish_drain() {
  if (drain_ == Drain::announced) {
    drain_ = Drain::final;
    control.goaway(last_stream_, ErrorCode::no_error);
  }
  end_answered(answered_.size());
  is_over = is_over || streams.open_count() == 0;
}

}  // namespace seabag::http2
