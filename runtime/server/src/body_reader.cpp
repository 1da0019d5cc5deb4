#include "body_reader.h"

#include <algorithm>

namespace seabag::server {
namespace {

constexpr const char* kTooLarge = "the content is too large";

}  // namespace

BodyReader::BodyReader(std::string_view head_bytes, const http::RequestHead& head,
                       std::size_t limit, net::Milliseconds now)
    : head_bytes_(head_bytes),
      framing_(head.framing),
      length_(head.content_length),
      limit_(limit),
      started_(now) {}

BodyReader::Outcome BodyReader::take(std::string_view input) {
  return framing_ == http::BodyFraming::chunked ? take_chunks(input) : take_length(input);
}

BodyReader::Outcome BodyReader::take_length(std::string_view input) {
  if (length_ > limit_) {
    return {.state = State::error, .status = http::Status::content_too_large, .reason = kTooLarge};
  }
  const std::size_t missing = static_cast<std::size_t>(length_) - content_.size();
  const std::size_t part = std::min(missing, input.size());
  content_.append(input.substr(0, part));
  return {.state = part == missing ? State::complete : State::need_more, .consumed = part};
}

BodyReader::Outcome BodyReader::take_chunks(std::string_view input) {
  std::size_t consumed = 0;
  while (true) {
    const http::ChunkOutcome outcome = chunks_.decode(input.substr(consumed));
    consumed += outcome.consumed;
    switch (outcome.state) {
      case http::ChunkState::need_more:
        return {.state = State::need_more, .consumed = consumed};
      case http::ChunkState::complete:
        return {.state = State::complete, .consumed = consumed};
      case http::ChunkState::error:
        return {.state = State::error,
                .consumed = consumed,
                .status = outcome.status,
                .reason = outcome.reason};
      case http::ChunkState::data:
        if (outcome.data.size() > limit_ - content_.size()) {
          return {.state = State::error,
                  .consumed = consumed,
                  .status = http::Status::content_too_large,
                  .reason = kTooLarge};
        }
        content_.append(outcome.data);
        break;
    }
  }
}

}  // namespace seabag::server
