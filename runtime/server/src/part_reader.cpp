#include "part_reader.h"

#include <algorithm>

namespace seabag::server {

PartReader::PartReader(const http::RequestHead& head, std::uint64_t limit)
    : framing_(head.framing),
      left_(head.framing == http::BodyFraming::chunked ? limit : head.content_length) {}

PartReader::Outcome PartReader::take(std::string_view input) {
  if (framing_ == http::BodyFraming::chunked) {
    return take_chunk(input);
  }
  if (left_ == 0) {
    return {.state = State::complete};
  }
  if (input.empty()) {
    return {};
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= size;
  received_ += size;
  return {.state = State::part, .consumed = size, .part = input.substr(0, size)};
}

PartReader::Outcome PartReader::take_chunk(std::string_view input) {
  const http::ChunkOutcome outcome = chunks_.decode(input);
  switch (outcome.state) {
    case http::ChunkState::need_more:
      return {.consumed = outcome.consumed};
    case http::ChunkState::complete:
      return {.state = State::complete, .consumed = outcome.consumed};
    case http::ChunkState::error:
      return {.state = State::error,
              .consumed = outcome.consumed,
              .status = outcome.status,
              .reason = outcome.reason};
    case http::ChunkState::data:
      break;
  }
  if (outcome.data.size() > left_) {
    return {.state = State::error,
            .consumed = outcome.consumed,
            .status = http::Status::content_too_large,
            .reason = "the content is too large"};
  }
  left_ -= outcome.data.size();
  received_ += outcome.data.size();
  return {.state = State::part, .consumed = outcome.consumed, .part = outcome.data};
}

}  // namespace seabag::server
