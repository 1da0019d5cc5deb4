#include "seabag/http2/session.h"

#include <algorithm>
#include <cstring>

#include "core.h"

namespace seabag::http2 {

Workspace::Workspace(const Limits& limits)
    : size_(2 * limits.header_list + HpackDecoder::kScratchSlack),
      scratch_(std::make_unique_for_overwrite<char[]>(size_)) {}

Session::Session(const Limits& limits, Milliseconds now)
    : core_(std::make_unique<Core>(limits, now)) {}

Session::~Session() = default;

Event Session::take(std::string_view input, Milliseconds now, Workspace& workspace) {
  return core_->take(input, now, workspace);
}

std::string_view Session::control() const { return core_->control.bytes(); }

void Session::control_sent() { core_->control.clear(); }

std::uint32_t Session::encoder_table_limit() const { return core_->encoder_table_limit; }

std::size_t Session::frame_head(Slot slot, std::span<char> space, std::size_t size) const {
  const std::uint32_t stream = core_->streams[slot].id;
  const std::size_t frames = size == 0 ? 1 : (size + kFrameSize - 1) / kFrameSize;
  // From the back, so that what moves for the headers in between overwrites nothing.
  for (std::size_t i = frames; i > 0; --i) {
    const std::size_t start = (i - 1) * kFrameSize;
    const std::size_t length = std::min<std::size_t>(size - start, kFrameSize);
    char* const frame = space.data() + start + (i - 1) * kFrameHeaderSize;
    if (i > 1) {
      std::memmove(frame + kFrameHeaderSize, space.data() + kFrameHeaderSize + start, length);
    }
    const FrameType type = i == 1 ? FrameType::headers : FrameType::continuation;
    write_frame_header(frame, {.length = static_cast<std::uint32_t>(length),
                               .type = static_cast<std::uint8_t>(type),
                               .flags = i == frames ? kEndHeaders : std::uint8_t{0},
                               .stream = stream});
  }
  return size + frames * kFrameHeaderSize;
}

void Session::end_with_head(Slot slot, std::span<char> frames) {
  constexpr std::size_t kFlags = 4;
  frames[kFlags] = static_cast<char>(frames[kFlags] | kEndStream);
  core_->end_sending(slot);
}

void Session::offer(Slot slot, std::uint64_t size, Ending ending) {
  core_->offer(slot, size, ending);
}

std::optional<DataFrame> Session::next_data(std::uint64_t most, Milliseconds now) {
  return core_->next_data(most, now);
}

void Session::consume(Slot slot, std::size_t size) { core_->consume(slot, size); }

void Session::discard(Slot slot) { core_->discard(slot); }

void Session::reset(Slot slot, ErrorCode code) { core_->reset_stream(slot, code); }

void Session::drain(Milliseconds now) { core_->drain(now); }

void Session::end(ErrorCode code) { core_->fail(code); }

std::size_t Session::stream_count() const { return core_->streams.open_count(); }

bool Session::can_send() const { return core_->can_send(); }

bool Session::is_over() const { return core_->is_over; }

Milliseconds Session::deadline() const { return core_->deadline(); }

void Session::on_deadline(Milliseconds now) { core_->on_deadline(now); }

void Session::shrink() { core_->shrink(); }

}  // namespace seabag::http2
