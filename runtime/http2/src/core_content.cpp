#include <algorithm>

#include "core.h"

namespace seabag::http2 {
namespace {

bool is_waiting(const Stream& stream) { return stream.pending > 0 || stream.ends_after_pending; }

}  // namespace

Session::Core::Told Session::Core::take_data_header(std::string_view input,
                                                    const FrameHeader& header, std::size_t& used) {
  const bool is_padded = (header.flags & kPadded) != 0;
  const std::size_t head_size = kFrameHeaderSize + (is_padded ? 1 : 0);
  if (is_padded && header.length == 0) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (input.size() < head_size) {
    return std::nullopt;
  }
  const std::uint32_t padding =
      is_padded ? std::uint32_t{static_cast<unsigned char>(input[kFrameHeaderSize])} : 0;
  const std::uint32_t body = header.length - (is_padded ? 1 : 0);
  if (padding > body || header.stream == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  is_in_data_ = true;
  data_stream_ = header.stream;
  data_slot_ = kNoSlot;
  data_left_ = body - padding;
  padding_left_ = padding;
  data_ends_ = (header.flags & kEndStream) != 0;
  used += head_size;
  receive_window_used(header.length);
  if (is_over) {
    return Event{.kind = Event::Kind::over};
  }
  if (const Told told = open_data(header)) {
    is_in_data_ = data_left_ > 0 || padding_left_ > 0;
    return told;
  }
  return take_data(input.substr(head_size), used);
}

/// Finds out whose content it is.
Session::Core::Told Session::Core::open_data(const FrameHeader& header) {
  budgets_.empty_data = data_left_ == 0 && !data_ends_ ? budgets_.empty_data + 1 : 0;
  if (budgets_.empty_data > limits.empty_data) {
    return fail_with(ErrorCode::enhance_your_calm);
  }
  const Slot slot = streams.find(header.stream);
  if (slot == kNoSlot) {
    const bool is_idle = header.stream > last_stream_ || header.stream % 2 == 0;
    if (is_idle) {
      return fail_with(ErrorCode::protocol_error);
    }
    if (streams.closure_of(header.stream) != Closure::reset_by_us) {
      return fail_with(ErrorCode::stream_closed);
    }
    hear_last_word(header.stream, header.flags);
    return std::nullopt;
  }
  Stream& stream = streams[slot];
  if (stream.client_has_ended) {
    return close_by_error(slot, ErrorCode::stream_closed);
  }
  if (header.length > stream.receive_window) {
    return close_by_error(slot, ErrorCode::flow_control_error);
  }
  stream.receive_window -= header.length;
  stream.credit += header.length - data_left_;  // padding is nobody's
  if (stream.missing &&
      (*stream.missing < data_left_ || (data_ends_ && *stream.missing != data_left_))) {
    return close_by_error(slot, ErrorCode::protocol_error);
  }
  if (stream.missing) {
    *stream.missing -= data_left_;
  }
  data_slot_ = slot;
  return std::nullopt;
}

/// Goes on with the content of the frame, as far as it is here.
Session::Core::Told Session::Core::take_data(std::string_view input, std::size_t& used) {
  const auto content = static_cast<std::uint32_t>(std::min<std::size_t>(input.size(), data_left_));
  data_left_ -= content;
  const auto padding = static_cast<std::uint32_t>(
      std::min<std::size_t>(input.size() - content, data_left_ == 0 ? padding_left_ : 0));
  padding_left_ -= padding;
  used += std::size_t{content} + padding;
  is_in_data_ = data_left_ > 0 || padding_left_ > 0;
  if (data_slot_ == kNoSlot || streams[data_slot_].id != data_stream_) {
    return std::nullopt;
  }
  Stream& stream = streams[data_slot_];
  const bool has_ended = !is_in_data_ && data_ends_;
  const Event event{.kind = Event::Kind::content,
                    .slot = data_slot_,
                    .ending = has_ended ? Ending::ends : Ending::more,
                    .content = input.substr(0, content)};
  const bool is_told = !stream.is_discarded && (content > 0 || has_ended);
  if (has_ended) {
    end_receiving(data_slot_);
  } else if (stream.we_have_ended) {
    watch_answered(data_slot_);
  } else if (stream.is_discarded) {
    consume(data_slot_, content);
  }
  return is_told ? Told(event) : std::nullopt;
}

void Session::Core::end_receiving(Slot slot) {
  streams[slot].client_has_ended = true;
  if (streams[slot].we_have_ended) {
    close(slot, Closure::by_client);
  }
}

/// The connection's window follows at once: what a stream may send ahead is limit enough.
void Session::Core::receive_window_used(std::uint32_t size) {
  receive_window_ -= size;
  connection_credit_ += size;
  if (receive_window_ < 0) {
    fail(ErrorCode::flow_control_error);
    return;
  }
  if (connection_credit_ >= limits.connection_window / 2) {
    control.window_update(0, connection_credit_);
    receive_window_ += connection_credit_;
    connection_credit_ = 0;
  }
}

void Session::Core::consume(Slot slot, std::size_t size) {
  Stream& stream = streams[slot];
  stream.credit += static_cast<std::uint32_t>(size);
  if (stream.credit >= limits.stream_window / 2 && !stream.client_has_ended) {
    control.window_update(stream.id, stream.credit);
    stream.receive_window += stream.credit;
    stream.credit = 0;
  }
}

void Session::Core::discard(Slot slot) { streams[slot].is_discarded = true; }

void Session::Core::offer(Slot slot, std::uint64_t size, Ending ending) {
  Stream& stream = streams[slot];
  if (!is_waiting(stream)) {
    if (pending_streams_ == 0) {
      progress_ = now_;
    }
    ++pending_streams_;
  }
  stream.pending += size;
  stream.ends_after_pending = ending == Ending::ends;
  update_queue(slot);
}

/// A stream is in the order while it has something that its window lets pass.
void Session::Core::update_queue(Slot slot) {
  const Stream& stream = streams[slot];
  const bool may_send = stream.pending > 0 ? stream.send_window > 0 : stream.ends_after_pending;
  if (may_send) {
    order.add(slot);
  } else {
    order.remove(slot);
  }
}

bool Session::Core::can_send() const {
  const Slot slot = order.first();
  return slot != kNoSlot && (send_window > 0 || streams[slot].pending == 0);
}

std::optional<DataFrame> Session::Core::next_data(std::uint64_t most, Milliseconds now) {
  if (!can_send()) {
    return std::nullopt;
  }
  const Slot slot = order.first();
  Stream& stream = streams[slot];
  std::uint64_t length = std::min({stream.pending, std::uint64_t{kFrameSize}, most});
  if (length > 0) {
    const std::int64_t window = std::min(stream.send_window, send_window);
    length = std::min(length, static_cast<std::uint64_t>(window));
  }
  stream.pending -= length;
  stream.send_window -= static_cast<std::int64_t>(length);
  send_window -= static_cast<std::int64_t>(length);
  const bool ends = stream.pending == 0 && stream.ends_after_pending;
  DataFrame frame{.slot = slot,
                  .length = static_cast<std::uint32_t>(length),
                  .ending = ends ? Ending::ends : Ending::more};
  write_frame_header(frame.header.data(), {.length = frame.length,
                                           .type = static_cast<std::uint8_t>(FrameType::data),
                                           .flags = ends ? kEndStream : std::uint8_t{0},
                                           .stream = stream.id});
  progress_ = now;
  earn(limits.window_updates, 0);
  if (ends) {
    end_sending(slot);
  } else if (stream.pending == 0) {
    --pending_streams_;
    order.remove(slot);
  } else if (stream.send_window <= 0) {
    order.remove(slot);
  } else if (stream.priority.incremental) {
    order.rotate(slot);
  }
  return frame;
}

void Session::Core::end_sending(Slot slot) {
  Stream& stream = streams[slot];
  if (is_waiting(stream)) {
    --pending_streams_;
    stream.pending = 0;
    stream.ends_after_pending = false;
    order.remove(slot);
  }
  stream.we_have_ended = true;
  count_served();
  if (stream.client_has_ended) [[likely]] {
    close(slot, Closure::by_client);
  } else {
    keep_answered(slot);
  }
}

void Session::Core::close(Slot slot, Closure closure) {
  const Stream& stream = streams[slot];
  if (is_waiting(stream)) {
    --pending_streams_;
  }
  if (stream.we_have_ended && !answered_.empty()) [[unlikely]] {
    std::erase_if(answered_, [slot](const Answered& one) { return one.slot == slot; });
  }
  order.remove(slot);
  streams.close(slot, stream.client_has_ended ? Closure::by_client : closure);
  if (drain_ == Drain::final) {
    finish_drain();
  }
}

void Session::Core::reset_stream(Slot slot, ErrorCode code) {
  control.rst_stream(streams[slot].id, code);
  close(slot, Closure::reset_by_us);
}

Session::Core::Told Session::Core::close_by_error(Slot slot, ErrorCode code) {
  reset_stream(slot, code);
  spend_reset(now_);
  return Event{.kind = Event::Kind::closed, .slot = slot};
}

void Session::Core::shrink() {
  if (streams.open_count() == 0) {
    data_slot_ = kNoSlot;  // the rest of its frame is nobody's
    streams.shrink();
  }
}

Milliseconds Session::Core::deadline() const {
  constexpr Milliseconds kNever = ~Milliseconds{0};
  Milliseconds first = kNever;
  const auto at = [&](bool is_set, Milliseconds moment) {
    first = is_set ? std::min(first, moment) : first;
  };
  at(is_in_block_, block_deadline_);
  at(paused_until_ > now_, paused_until_);
  at(pending_streams_ > 0 && !can_send(), progress_ + limits.stall_time);
  at(drain_ == Drain::announced, drain_deadline_);
  at(!answered_.empty(), answered_.empty() ? kNever : answered_.front().until);
  return first;
}

void Session::Core::on_deadline(Milliseconds now) {
  now_ = std::max(now_, now);
  expire_answered();
  const bool has_stalled =
      pending_streams_ > 0 && !can_send() && now_ >= progress_ + limits.stall_time;
  if (has_stalled || (is_in_block_ && now_ >= block_deadline_)) {
    fail(ErrorCode::enhance_your_calm);
  } else if (drain_ == Drain::announced && now_ >= drain_deadline_) {
    finish_drain();
  }
}

}  // namespace seabag::http2
