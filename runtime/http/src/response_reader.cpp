#include "seabag/http/response_reader.h"

#include <algorithm>

#include "ascii.h"
#include "seabag/http/byte_classes.h"

namespace seabag::http {
namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "HTTP/1.";
// "HTTP/1.1 200 "
constexpr std::size_t kStatusLineSize = 13;

constexpr unsigned kSwitchingProtocols = 101;
constexpr unsigned kFirstFinal = 200;
constexpr unsigned kNoContent = 204;
constexpr unsigned kNotModified = 304;

ReadOutcome refuse(const char* reason) {
  return {.state = ReadState::error, .consumed = 0, .reason = reason};
}

}  // namespace

ReadOutcome ResponseReader::read(std::string_view input) {
  std::size_t consumed = 0;
  while (consumed < input.size()) {
    const std::string_view rest = input.substr(consumed);
    is_inside_ = true;
    if (step_ == Step::head) {
      const ReadOutcome head = read_head(rest);
      if (head.state == ReadState::error || head.consumed == 0) {
        return {.state = head.state, .consumed = consumed, .reason = head.reason};
      }
      consumed += head.consumed;
      if (head.state == ReadState::complete) {
        return finish(consumed);
      }
    } else if (step_ == Step::length) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      left_ -= part;
      consumed += part;
      if (left_ == 0) {
        return finish(consumed);
      }
    } else if (step_ == Step::chunked) {
      const ChunkOutcome chunk = chunks_.decode(rest);
      consumed += chunk.consumed;
      if (chunk.state == ChunkState::error) {
        return {.state = ReadState::error, .consumed = consumed, .reason = chunk.reason};
      }
      if (chunk.state == ChunkState::complete) {
        return finish(consumed);
      }
    } else {
      consumed = input.size();
    }
  }
  return {.state = ReadState::incomplete, .consumed = consumed};
}

ReadOutcome ResponseReader::end() {
  if (step_ == Step::until_end) {
    return finish(0);
  }
  return refuse(is_inside_ ? "the connection ended inside an answer"
                           : "the connection ended before an answer");
}

ReadOutcome ResponseReader::finish(std::size_t consumed) {
  step_ = Step::head;
  interim_ = 0;
  is_inside_ = false;
  return {.state = ReadState::complete, .consumed = consumed};
}

// Consumes one head: `complete` when the answer ends with it, `incomplete` with nothing consumed
// when the head is not there yet.
ReadOutcome ResponseReader::read_head(std::string_view input) {
  std::size_t size = 0;
  if (const char* reason = find_head(input, size)) {
    return refuse(reason);
  }
  if (size == 0) {
    return {};
  }
  scanned_ = 0;
  if (const char* reason = parse_head(input.substr(0, size))) {
    return refuse(reason);
  }
  if (status_ < kFirstFinal) {
    ++interim_;
    return {.state = ReadState::incomplete, .consumed = size};
  }
  const bool ends = step_ == Step::head;
  return {.state = ends ? ReadState::complete : ReadState::incomplete, .consumed = size};
}

// Searches each byte once, however small the pieces are.
const char* ResponseReader::find_head(std::string_view input, std::size_t& size) {
  const std::string_view start = input.substr(0, kVersion.size());
  if (kVersion.substr(0, start.size()) != start) {
    return "no HTTP/1.x answer";
  }
  const std::size_t from = scanned_ - std::min(scanned_, kHeadEnd.size() - 1);
  const std::size_t end = input.find(kHeadEnd, from);
  const std::size_t most = limits_.status_line + limits_.field_block + kHeadEnd.size();
  if ((end == std::string_view::npos ? input.size() : end) > most) {
    return "the head of the answer is too large";
  }
  scanned_ = input.size();
  size = end == std::string_view::npos ? 0 : end + kHeadEnd.size();
  return nullptr;
}

const char* ResponseReader::parse_head(std::string_view head) {
  is_1_1_ = has_length_ = is_chunked_ = closes_ = asks_to_keep_ = false;
  left_ = 0;
  ByteClasses classes(head);
  std::size_t end = classes.next_control(0);
  if (head.substr(end, kCrlf.size()) != kCrlf) {
    return "a control character in the status line";
  }
  if (const char* reason = parse_status_line(head.substr(0, end))) {
    return reason;
  }
  std::size_t at = end + kCrlf.size();
  if (head.size() - at > limits_.field_block + kCrlf.size()) {
    return "the header fields are too large";
  }
  for (std::size_t count = 0; head.substr(at) != kCrlf; ++count) {
    const std::size_t colon = classes.next_non_token(at);
    if (colon == at || head[colon] != ':') {
      return "a header name is not a token with a colon behind it";
    }
    end = classes.next_control(colon);
    if (head.substr(end, kCrlf.size()) != kCrlf) {
      return "a control character in a header value";
    }
    if (count == limits_.fields) {
      return "too many header fields";
    }
    const std::string_view value = trim_blanks(head.substr(colon + 1, end - colon - 1));
    if (const char* reason = parse_field(recognise_field(head.substr(at, colon - at)), value)) {
      return reason;
    }
    at = end + kCrlf.size();
  }
  return choose_content();
}

const char* ResponseReader::parse_status_line(std::string_view line) {
  if (line.size() > limits_.status_line) {
    return "the status line is too large";
  }
  if (line.size() < kStatusLineSize || (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
      line[12] != ' ') {
    return "no HTTP/1.x status line";
  }
  is_1_1_ = line[7] == '1';
  status_ = 0;
  for (const char c : line.substr(9, 3)) {
    if (!is_digit(c)) {
      return "the status is not a number";
    }
    status_ = status_ * 10 + static_cast<unsigned>(c - '0');
  }
  if (status_ < 100 || status_ > 599) {
    return "the status is not from 100 to 599";
  }
  return nullptr;
}

const char* ResponseReader::parse_field(FieldName name, std::string_view value) {
  switch (name) {
    case FieldName::content_length:
      return parse_length(value);
    case FieldName::transfer_encoding:
      if (is_chunked_ || !is_1_1_ || !equals_ignoring_case(value, "chunked")) {
        return "Transfer-Encoding is not one 'chunked' on HTTP/1.1";
      }
      is_chunked_ = true;
      return nullptr;
    case FieldName::connection:
      parse_connection(value);
      return nullptr;
    default:
      return nullptr;
  }
}

const char* ResponseReader::parse_length(std::string_view value) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63;
  if (has_length_) {
    return "several Content-Length fields";
  }
  has_length_ = true;
  for (const char c : value) {
    if (!is_digit(c) || left_ >= kMost / 10) {
      return "Content-Length is not a number of bytes";
    }
    left_ = left_ * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value.empty() ? "Content-Length is empty" : nullptr;
}

void ResponseReader::parse_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = take_member(value);
    closes_ = closes_ || equals_ignoring_case(option, "close");
    asks_to_keep_ = asks_to_keep_ || equals_ignoring_case(option, "keep-alive");
  }
}

// RFC 9112 §6.3: where the content ends.
const char* ResponseReader::choose_content() {
  if (status_ == kSwitchingProtocols) {
    return "101 Switching Protocols without being asked";
  }
  if (status_ < kFirstFinal && interim_ == limits_.interim) {
    return "too many interim answers";
  }
  if (has_length_ && is_chunked_) {
    return "Content-Length with Transfer-Encoding";
  }
  keeps_alive_ = !closes_ && (is_1_1_ || asks_to_keep_);
  step_ = Step::head;
  if (status_ < kFirstFinal || status_ == kNoContent) {
    return is_chunked_ || left_ != 0 ? "content in an answer that cannot have any" : nullptr;
  }
  if (content_ == AnswerContent::none || status_ == kNotModified) {
    return nullptr;
  }
  if (is_chunked_) {
    chunks_ = ChunkedDecoder(limits_.chunks);
    step_ = Step::chunked;
  } else if (!has_length_) {
    keeps_alive_ = false;
    step_ = Step::until_end;
  } else if (left_ != 0) {
    step_ = Step::length;
  }
  return nullptr;
}

}  // namespace seabag::http
