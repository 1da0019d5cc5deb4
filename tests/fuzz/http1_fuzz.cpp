// HTTP/1.1 requests: heads whole and in pieces, chunked content, and what is done with a head.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/chunked_decoder.h"
#include "seabag/http/conditions.h"
#include "seabag/http/negotiation.h"
#include "seabag/http/request_parser.h"
#include "seabag/http/target.h"

namespace {

using namespace seabag::http;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// A copy of exactly its size, so that reading past the end is seen.
class Exact {
 public:
  explicit Exact(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(bytes_.get(), size_);
  }
  [[nodiscard]] std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != '\x7f';
  });
}

void check_head(const RequestHead& head, std::string_view buffer) {
  require(!head.method_text.empty() && !head.target.empty());
  require(is_clean(head.target) && head.target.find(' ') == std::string_view::npos);
  require(head.version == Version::http_1_0 || !head.authority.empty());
  require(!(head.has(FieldName::content_length) && head.has(FieldName::transfer_encoding)));
  require((head.framing == BodyFraming::length) == (head.content_length != 0));
  for (const Field& field : head.fields()) {
    require(!field.name.empty() && is_clean(field.value));
    require(field.name.data() >= buffer.data() &&
            field.value.data() + field.value.size() <= buffer.data() + buffer.size());
    require(recognise_field(field.name) == field.id);
  }
}

void check_target(std::string_view raw) {
  std::vector<char> buffer(raw.size());
  const TargetOutcome outcome = decode_target(raw, buffer);
  if (outcome.error != nullptr) {
    return;
  }
  const std::string path = std::string(outcome.target.path);
  require(path.starts_with('/') && (path == "/" || !path.ends_with('/')));
  require((path + "/").find("/../") == std::string::npos);
  require((path + "/").find("/./") == std::string::npos);
  require(path.find("//") == std::string::npos);
  require(path.find('\\') == std::string::npos && path.find('\0') == std::string::npos);
  std::string again;
  append_encoded_path(again, path);
  buffer.resize(again.size());
  const TargetOutcome same = decode_target(again, buffer);
  require(same.error == nullptr && same.target.path == path);
}

// In pieces an error may be told later, but what is complete is complete in both ways.
ParseOutcome parse_in_pieces(std::string_view text, const ParserLimits& limits, std::size_t step) {
  ParseProgress progress;
  const auto head = std::make_unique<RequestHead>();
  ParseOutcome outcome;
  for (std::size_t size = 0; size < text.size() && outcome.state == ParseState::incomplete;) {
    size = std::min(size + step, text.size());
    const Exact part(text.substr(0, size));
    outcome = parse_request_head(part.text(), limits, *head, progress);
  }
  return outcome;
}

std::string decode_chunks(std::string_view input, std::size_t step, ChunkState& state) {
  ChunkedDecoder decoder;
  std::string data;
  state = ChunkState::need_more;
  while (!input.empty() && state != ChunkState::complete && state != ChunkState::error) {
    const Exact part(input.substr(0, step));
    const ChunkOutcome outcome = decoder.decode(part.text());
    require(outcome.consumed <= part.text().size());
    require(outcome.consumed != 0 || outcome.state == ChunkState::error);
    data += outcome.data;
    input.remove_prefix(outcome.consumed);
    state = outcome.state;
  }
  return data;
}

void check_chunks(std::string_view input) {
  ChunkState whole_state{};
  ChunkState bytes_state{};
  const std::string whole = decode_chunks(input, input.size(), whole_state);
  const std::string bytes = decode_chunks(input, 1, bytes_state);
  require(whole == bytes);
  require((whole_state == ChunkState::error) == (bytes_state == ChunkState::error));
  require((whole_state == ChunkState::complete) == (bytes_state == ChunkState::complete));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const Exact buffer(bytes);
  const ParserLimits limits{.request_line = 256, .field_block = 1024, .fields = 20};
  const auto head = std::make_unique<RequestHead>();
  const ParseOutcome outcome = parse_request_head(buffer.text(), limits, *head);
  // Byte by byte is quadratic here, where each part is a copy.
  for (const std::size_t step : {size / 200 + 1, std::size_t{61}}) {
    const ParseOutcome pieces = parse_in_pieces(buffer.text(), limits, step);
    require((pieces.state == ParseState::complete) == (outcome.state == ParseState::complete));
    require(pieces.consumed == outcome.consumed);
    require(pieces.state != ParseState::error || outcome.state == ParseState::error);
  }
  if (outcome.state != ParseState::complete) {
    check_chunks(buffer.text());
    return 0;
  }
  require(outcome.consumed <= buffer.text().size());
  check_head(*head, buffer.text());
  check_target(head->path);
  check_chunks(buffer.text().substr(outcome.consumed));
  const Validators validators{
      .entity_tag = "\"x\"", .modified = {.seconds = 784111777}, .has_variants = false};
  const Precondition verdict = evaluate_preconditions(*head, validators);
  require(verdict == Precondition::proceed || (head->present >> 1U) != 0);
  require(!range_applies(*head, validators) || head->has(FieldName::range));
  require(!accepts_html(*head) || head->has(FieldName::accept));
  return 0;
}
