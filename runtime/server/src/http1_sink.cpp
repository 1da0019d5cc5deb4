#include "http1_sink.h"

#include <utility>

namespace seabag::server {
namespace {

/// Up to here copying into the output buffer costs less than one more part of a sendmsg(2).
constexpr std::uint64_t kCopied = 4 * 1024;
/// From here on sendfile(2) costs less than copying from the map (measured crossover).
constexpr std::uint64_t kSentFromFile = 48 * 1024;

}  // namespace

void Http1Sink::add_head(const http::ResponseHead& head) {
  const std::span<char> space = output_->prepare(http::response_head_bound(head));
  output_->commit(http::write_response_head(head, space));
}

void Http1Sink::add_copy(std::string_view bytes) { output_->append(bytes); }

void Http1Sink::add(Segment segment) {
  if (segment.bytes != nullptr && segment.length <= kCopied && segment.length <= output_->room()) {
    output_->append({segment.bytes, static_cast<std::size_t>(segment.length)});
    return;
  }
  if (segment.kind == Segment::Kind::kernel && segment.bytes != nullptr &&
      segment.length <= kSentFromFile) {
    segment.kind = Segment::Kind::memory;
  }
  output_->add(std::move(segment));
}

}  // namespace seabag::server
