#include "http2_sink.h"

#include <algorithm>
#include <utility>

namespace seabag::server {
namespace {

/// Up to here copying into the output buffer costs less than one more part of a sendmsg(2).
constexpr std::uint64_t kCopied = 4 * 1024;
/// Segments of an answer whose memory is kept for the next one.
constexpr std::size_t kKept = 4;

}  // namespace

void StreamContent::add_copy(std::string_view bytes) {
  if (!bytes.empty()) {
    const auto copy = std::make_shared<const std::string>(bytes);
    add({.bytes = copy->data(), .length = copy->size(), .owner = copy});
  }
}

void StreamContent::add(Segment segment) {
  if (segment.length == 0) {
    return;
  }
  if (segment.bytes != nullptr) {
    segment.kind = Segment::Kind::memory;  // frames are too short for the kernel to pay
  }
  size_ += segment.length;
  segments_.push_back(std::move(segment));
}

void StreamContent::take(std::uint64_t length, Output& output) {
  size_ -= length;
  while (length > 0) {
    Segment& segment = segments_[first_];
    const std::uint64_t part = std::min(length, segment.length);
    if (segment.bytes != nullptr && part <= kCopied && part <= output.room()) {
      output.append({segment.bytes, static_cast<std::size_t>(part)});
    } else {
      Segment slice = segment;
      slice.length = part;
      output.add(std::move(slice));
    }
    length -= part;
    segment.length -= part;
    segment.offset += part;
    segment.bytes += segment.bytes != nullptr ? part : 0;
    if (segment.length == 0) {
      segment.owner.reset();
      ++first_;
    }
  }
}

void StreamContent::clear() {
  if (segments_.capacity() > kKept) {
    segments_ = {};
  }
  segments_.clear();
  first_ = 0;
  size_ = 0;
}

void Http2Sink::add_head(const http::ResponseHead& head) {
  const std::size_t bound = http2::ResponseEncoder::bound(head);
  const std::span<char> space = parts_.output.prepare(http2::Session::head_room(bound));
  parts_.table.restrict_to(parts_.session.encoder_table_limit());
  const std::size_t size =
      parts_.encoder.write(head, parts_.table, space.subspan(http2::kFrameHeaderSize));
  frames_ = space.first(parts_.session.frame_head(slot_, space, size));
  parts_.output.commit(frames_.size());
}

http2::Ending Http2Sink::finish() {
  if (parts_.content.size() == 0) {
    parts_.session.end_with_head(slot_, frames_);
    return http2::Ending::ends;
  }
  parts_.session.offer(slot_, parts_.content.size(), http2::Ending::ends);
  return http2::Ending::more;
}

}  // namespace seabag::server
