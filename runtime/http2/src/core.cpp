#include "core.h"

#include <algorithm>
#include <array>

namespace seabag::http2 {
namespace {

/// What a client may do before it has earned anything.
constexpr std::uint64_t kFirstUpdates = 100;

std::string make_settings(const Limits& limits) {
  struct Row {
    Setting id;
    std::uint32_t value;
  };
  const Row rows[] = {
      {Setting::max_concurrent_streams, limits.streams},
      {Setting::initial_window_size, limits.stream_window},
      {Setting::max_header_list_size, static_cast<std::uint32_t>(limits.header_list)},
      {Setting::no_rfc7540_priorities, 1},
      {Setting::enable_connect_protocol, 1},
  };
  std::string payload;
  for (const Row& row : rows) {
    if (row.id == Setting::enable_connect_protocol &&
        limits.extended_connect == ExtendedConnect::refused) {
      continue;
    }
    std::array<char, 6> bytes;
    bytes[0] = 0;
    bytes[1] = static_cast<char>(row.id);
    write_u32(bytes.data() + 2, row.value);
    payload.append(bytes.data(), bytes.size());
  }
  return payload;
}

}  // namespace

Session::Core::Core(const Limits& the_limits, Milliseconds now) : limits(the_limits), now_(now) {
  control.settings(make_settings(limits));
  receive_window_ = std::max(limits.connection_window, kDefaultWindow);
  if (limits.connection_window > kDefaultWindow) {
    control.window_update(0, limits.connection_window - kDefaultWindow);
  }
  budgets_.resets = limits.resets;
  budgets_.priorities = limits.priorities;
  budgets_.window_updates = kFirstUpdates;
}

Event Session::Core::take(std::string_view input, Milliseconds now, Workspace& workspace) {
  now_ = std::max(now_, now);
  std::size_t used = 0;
  while (!is_over) {
    if (paused_until_ > now_) {
      return {.kind = Event::Kind::paused, .used = used};
    }
    const std::size_t before = used;
    if (Told told = take_frame(input.substr(used), used, now_, workspace)) {
      told->used = used;
      return *told;
    }
    if (control.count() > limits.control_answers) {
      fail(ErrorCode::enhance_your_calm);
    } else if (used == before) {
      return {.kind = Event::Kind::need_more, .used = used};
    }
  }
  return {.kind = Event::Kind::over, .used = used};
}

Session::Core::Told Session::Core::take_frame(std::string_view input, std::size_t& used,
                                              Milliseconds now, Workspace& workspace) {
  if (!has_preface_) {
    if (!kPreface.starts_with(input.substr(0, kPreface.size()))) {
      return fail_with(ErrorCode::protocol_error);
    }
    has_preface_ = input.size() >= kPreface.size();
    used += has_preface_ ? kPreface.size() : 0;
    return std::nullopt;
  }
  if (is_in_data_) {
    return take_data(input, used);
  }
  if (input.size() < kFrameHeaderSize) {
    return std::nullopt;
  }
  const FrameHeader header = read_frame_header(input.data());
  if (!fits_state(header)) {
    return fail_with(ErrorCode::protocol_error);
  }
  if (header.length > kFrameSize) {
    return fail_with(ErrorCode::frame_size_error);
  }
  if (header.type == static_cast<std::uint8_t>(FrameType::data)) {
    return take_data_header(input, header, used);
  }
  const std::size_t size = kFrameHeaderSize + header.length;
  if (input.size() < size) {
    return std::nullopt;
  }
  used += size;
  return handle(header, input.substr(kFrameHeaderSize, header.length), now, workspace);
}

Session::Core::Told Session::Core::handle_headers(const FrameHeader& header,
                                                  std::string_view payload, Milliseconds now,
                                                  Workspace& workspace) {
  constexpr std::size_t kPrioritySize = 5;
  if (header.stream % 2 == 0) {
    return fail_with(ErrorCode::protocol_error);
  }
  std::size_t padding = 0;
  if ((header.flags & kPadded) != 0) {
    if (payload.empty()) {
      return fail_with(ErrorCode::frame_size_error);
    }
    padding = static_cast<unsigned char>(payload.front());
    payload.remove_prefix(1);
  }
  block_depends_on_itself_ = false;
  if ((header.flags & kPriority) != 0) {
    if (payload.size() < kPrioritySize) {
      return fail_with(ErrorCode::frame_size_error);
    }
    block_depends_on_itself_ = (read_u32(payload.data()) & kStreamMask) == header.stream;
    payload.remove_prefix(kPrioritySize);
  }
  if (padding > payload.size()) {
    return fail_with(ErrorCode::protocol_error);
  }
  payload.remove_suffix(padding);
  block_stream_ = header.stream;
  block_flags_ = header.flags;
  if ((header.flags & kEndHeaders) != 0) [[likely]] {
    return finish_block(payload, workspace);
  }
  is_in_block_ = true;
  block_frames_ = 1;
  block_deadline_ = now + limits.header_time;
  block_.assign(payload.begin(), payload.end());
  return std::nullopt;
}

Session::Core::Told Session::Core::handle_continuation(const FrameHeader& header,
                                                       std::string_view payload,
                                                       Workspace& workspace) {
  ++block_frames_;
  if (block_frames_ > limits.header_frames ||
      block_.size() + payload.size() > limits.header_block) {
    return fail_with(ErrorCode::enhance_your_calm);
  }
  block_.insert(block_.end(), payload.begin(), payload.end());
  if ((header.flags & kEndHeaders) == 0) {
    return std::nullopt;
  }
  is_in_block_ = false;
  return finish_block({block_.data(), block_.size()}, workspace);
}

Session::Core::Told Session::Core::finish_block(std::string_view block, Workspace& workspace) {
  if (block_stream_ > last_stream_) [[likely]] {
    last_stream_ = block_stream_;
    return open_request(block, workspace);
  }
  if (const Slot slot = streams.find(block_stream_); slot != kNoSlot) {
    return finish_trailers(slot, block, workspace);
  }
  switch (streams.closure_of(block_stream_)) {
    case Closure::reset_by_us:
      if ((block_flags_ & kEndStream) == 0) {
        spend_reset(now_);  // no trailers end without it: whoever says it does so on purpose
      }
      hear_last_word(block_stream_, block_flags_);
      return skip_block(block, workspace);
    case Closure::by_client:
      return fail_with(ErrorCode::stream_closed);
    case Closure::unknown:
      break;
  }
  return fail_with(ErrorCode::protocol_error);
}

/// Decodes a block for the sake of the table alone.
Session::Core::Told Session::Core::skip_block(std::string_view block, Workspace& workspace) {
  const RequestOutcome outcome = read_trailers(decoder_, block, workspace.scratch(), limits);
  return outcome.state == RequestOutcome::State::compression_error
             ? fail_with(ErrorCode::compression_error)
             : std::nullopt;
}

Session::Core::Told Session::Core::open_request(std::string_view block, Workspace& workspace) {
  if (drain_ == Drain::final) {
    return skip_block(block, workspace);
  }
  if (streams.open_count() >= limits.streams) {
    refuse_stream(ErrorCode::refused_stream);
    return skip_block(block, workspace);
  }
  const RequestOutcome outcome =
      read_request(decoder_, block, workspace.scratch(), limits, workspace.head);
  if (outcome.state == RequestOutcome::State::compression_error) {
    return fail_with(ErrorCode::compression_error);
  }
  const bool has_ended = (block_flags_ & kEndStream) != 0;
  const bool lacks_content = outcome.has_content_length && workspace.head.content_length > 0;
  if (outcome.state == RequestOutcome::State::malformed || block_depends_on_itself_ ||
      (has_ended && lacks_content)) {
    refuse_stream(ErrorCode::protocol_error);
    return std::nullopt;
  }
  const Slot slot = streams.open(block_stream_);
  Stream& stream = streams[slot];
  stream.client_has_ended = has_ended;
  stream.priority =
      priorities_ahead_.empty() ? outcome.priority : priority_for(block_stream_, outcome.priority);
  stream.send_window = peer_initial_window_;
  stream.receive_window = limits.stream_window;
  if (outcome.has_content_length) {
    stream.missing = workspace.head.content_length;
  }
  earn(limits.window_updates, limits.priorities);
  const bool is_refused = outcome.state == RequestOutcome::State::refused;
  return Event{.kind = is_refused ? Event::Kind::refused : Event::Kind::request,
               .slot = slot,
               .ending = has_ended ? Ending::ends : Ending::more,
               .status = outcome.status,
               .protocol = outcome.protocol};
}

/// A stream that is never opened.
void Session::Core::refuse_stream(ErrorCode code) {
  control.rst_stream(block_stream_, code);
  const bool has_ended = (block_flags_ & kEndStream) != 0;
  streams.remember(block_stream_, has_ended ? Closure::by_client : Closure::reset_by_us);
  spend_reset(now_);
}

Session::Core::Told Session::Core::finish_trailers(Slot slot, std::string_view block,
                                                   Workspace& workspace) {
  const RequestOutcome outcome = read_trailers(decoder_, block, workspace.scratch(), limits);
  if (outcome.state == RequestOutcome::State::compression_error) {
    return fail_with(ErrorCode::compression_error);
  }
  const Stream& stream = streams[slot];
  if (stream.client_has_ended) {
    return close_by_error(slot, ErrorCode::stream_closed);
  }
  const bool has_ended = (block_flags_ & kEndStream) != 0;
  if (!has_ended || outcome.state == RequestOutcome::State::malformed || block_depends_on_itself_ ||
      stream.missing.value_or(0) != 0) {
    return close_by_error(slot, ErrorCode::protocol_error);
  }
  const bool is_told = !stream.is_discarded;
  end_receiving(slot);
  return is_told ? Told(Event{.kind = Event::Kind::content, .slot = slot, .ending = Ending::ends})
                 : std::nullopt;
}

void Session::Core::fail(ErrorCode code) {
  if (!is_over) {
    control.goaway(last_stream_, code);
    is_over = true;
  }
}

}  // namespace seabag::http2
