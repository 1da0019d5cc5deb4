// Streams that are answered before the client has said everything (RFC 9113 §8.1). What it goes on
// to say is judged as if somebody read it, but only a little of it and not for long: then it is
// told to stop, which closes the stream.
#include "core.h"

namespace seabag::http2 {

void Session::Core::keep_answered(Slot slot) {
  streams[slot].is_discarded = true;
  answered_.push_back({.slot = slot, .until = now_ + limits.answered_time});
  if (drain_ == Drain::final) {
    end_answered(answered_.size());
  } else if (answered_.size() > limits.answered_streams) {
    end_answered(1);
  } else {
    watch_answered(slot);
  }
}

/// Its window is not opened any more; it is told to stop before that can hold it up.
void Session::Core::watch_answered(Slot slot) {
  if (streams[slot].receive_window < limits.stream_window / 2) {
    reset_stream(slot, ErrorCode::no_error);
  }
}

/// Tells the oldest ones to stop. The last one of a drain ends the others by itself.
void Session::Core::end_answered(std::size_t count) {
  for (; count > 0 && !answered_.empty(); --count) {
    reset_stream(answered_.front().slot, ErrorCode::no_error);
  }
}

void Session::Core::expire_answered() {
  while (!answered_.empty() && now_ >= answered_.front().until) {
    end_answered(1);
  }
}

/// Behind it nothing can have crossed with our end of the stream any more.
void Session::Core::hear_last_word(std::uint32_t id, std::uint8_t flags) {
  if ((flags & kEndStream) != 0) {
    streams.remember(id, Closure::by_client);
  }
}

}  // namespace seabag::http2
