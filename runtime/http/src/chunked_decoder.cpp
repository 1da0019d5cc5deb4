#include "seabag/http/chunked_decoder.h"

#include <algorithm>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::size_t kMaxSizeDigits = 16;
constexpr const char* kTrailersTooLarge = "chunk trailers too large";

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

}  // namespace

ChunkOutcome ChunkedDecoder::decode(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size()) {
    if (step_ == Step::data) {
      const std::uint64_t size = std::min<std::uint64_t>(left_, input.size() - at);
      left_ -= size;
      step_ = left_ == 0 ? Step::data_cr : Step::data;
      const std::string_view data = input.substr(at, static_cast<std::size_t>(size));
      return {.state = ChunkState::data, .consumed = at + data.size(), .data = data};
    }
    if (const char* reason = take(input[at])) {
      const Status status =
          reason == kTrailersTooLarge ? Status::header_fields_too_large : Status::bad_request;
      return {.state = ChunkState::error, .consumed = at, .status = status, .reason = reason};
    }
    ++at;
    if (step_ == Step::done) {
      return {.state = ChunkState::complete, .consumed = at};
    }
  }
  return {.state = ChunkState::need_more, .consumed = at};
}

const char* ChunkedDecoder::take(char c) {
  switch (step_) {
    case Step::size:
      return take_size(c);
    case Step::extension_start:
    case Step::extension_name:
    case Step::extension_name_end:
    case Step::extension_value_start:
    case Step::extension_token:
    case Step::extension_quoted:
    case Step::extension_escape:
    case Step::extension_quoted_end:
    case Step::extension_end:
      return take_extension(c);
    case Step::size_lf:
      return expect(c, '\n', left_ == 0 ? Step::trailer_start : Step::data);
    case Step::data_cr:
      return expect(c, '\r', Step::data_lf);
    case Step::data_lf:
      digits_ = 0;
      extension_ = 0;
      return expect(c, '\n', Step::size);
    case Step::end_lf:
      return expect(c, '\n', Step::done);
    case Step::data:
    case Step::done:
      return "chunked content has ended";
    default:
      return take_trailer(c);
  }
}

const char* ChunkedDecoder::expect(char c, char expected, Step next) {
  step_ = next;
  return c == expected ? nullptr : "chunk is not delimited by CRLF";
}

const char* ChunkedDecoder::take_size(char c) {
  const std::uint8_t digit = hex_value(c);
  if (digit != kNoDigit) {
    left_ = (digits_ == 0 ? 0 : left_ << 4U) | digit;
    return ++digits_ > kMaxSizeDigits ? "chunk size has more than 16 digits" : nullptr;
  }
  if (digits_ == 0 || (c != '\r' && c != ';')) {
    return "chunk size is not a hexadecimal number";
  }
  step_ = c == '\r' ? Step::size_lf : Step::extension_start;
  return nullptr;
}

const char* ChunkedDecoder::take_extension(char c) {
  extension_ += c == '\r' ? 0 : 1;
  all_extensions_ += c == '\r' ? 0 : 1;
  if (extension_ > limits_.extension || all_extensions_ > limits_.all_extensions) {
    return "chunk extensions too large";
  }
  return step_in_extension(c) ? nullptr : "malformed chunk extension";
}

bool ChunkedDecoder::step_in_extension(char c) {
  const bool is_token = is_token_char(c);
  switch (step_) {
    case Step::extension_start:
      step_ = is_token ? Step::extension_name : step_;
      return is_token || is_space(c);
    case Step::extension_name:
    case Step::extension_name_end:
      if (c == '=') {
        step_ = Step::extension_value_start;
        return true;
      }
      return step_in_word(c, Step::extension_name, Step::extension_name_end);
    case Step::extension_value_start:
      step_ = c == '"' ? Step::extension_quoted : is_token ? Step::extension_token : step_;
      return c == '"' || is_token || is_space(c);
    case Step::extension_quoted:
      step_ = c == '"' ? Step::extension_quoted_end : c == '\\' ? Step::extension_escape : step_;
      return !is_control(c);
    case Step::extension_escape:
      step_ = Step::extension_quoted;
      return !is_control(c);
    default:
      return step_in_word(c, Step::extension_token, Step::extension_end);
  }
}

bool ChunkedDecoder::step_in_word(char c, Step word, Step behind) {
  if (is_token_char(c) && step_ == word) {
    return true;
  }
  if (is_space(c)) {
    step_ = behind;
    return true;
  }
  return end_extension(c);
}

// White space is allowed before what goes on, not before the end of the line.
bool ChunkedDecoder::end_extension(char c) {
  if (c == ';') {
    step_ = Step::extension_start;
    return true;
  }
  const bool may_end = step_ != Step::extension_name_end && step_ != Step::extension_end;
  step_ = Step::size_lf;
  return c == '\r' && may_end;
}

const char* ChunkedDecoder::take_trailer(char c) {
  if (step_ == Step::trailer_start && c == '\r') {
    step_ = Step::end_lf;
    return nullptr;
  }
  if (++trailers_ > limits_.trailers) {
    return kTrailersTooLarge;
  }
  switch (step_) {
    case Step::trailer_start:
      step_ = Step::trailer_name;
      return is_token_char(c) ? nullptr : "trailer name is not a token";
    case Step::trailer_name:
      step_ = c == ':' ? Step::trailer_value : Step::trailer_name;
      return c == ':' || is_token_char(c) ? nullptr : "trailer name is not a token";
    case Step::trailer_value:
      step_ = c == '\r' ? Step::trailer_lf : Step::trailer_value;
      return c == '\r' || !is_control(c) ? nullptr : "control character in a trailer";
    default:
      return expect(c, '\n', Step::trailer_start);
  }
}

}  // namespace seabag::http
