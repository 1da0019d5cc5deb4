// multipart/byteranges: the first 2 bytes are the length of some content, the rest is the value of
// `Range`. What is written for it is read again by a reader of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/range.h"

namespace {

using namespace seabag::http;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

constexpr std::string_view kBoundary = "0123456789abcdef";
constexpr std::string_view kType = "text/plain; charset=utf-8";

std::string write(const RangeSet& set, std::string_view content) {
  RangePart part{
      .boundary = kBoundary, .content_type = kType, .range = {}, .length = content.size()};
  std::string written;
  for (const ByteRange& range : set.ranges()) {
    part.range = range;
    std::vector<char> head(part_head_size(part));
    require(write_part_head(part, std::span(head).first(head.size() - 1)) == 0);
    require(write_part_head(part, head) == head.size());
    written.append(head.data(), head.size());
    written += content.substr(static_cast<std::size_t>(range.first),
                              static_cast<std::size_t>(range.length()));
  }
  std::vector<char> end(kBoundary.size() + 16);
  written.append(end.data(), write_multipart_end(kBoundary, end));
  require(written.size() == multipart_size(part, set.ranges()));
  return written;
}

/// Takes `wanted` off the start.
void take(std::string_view& text, std::string_view wanted) {
  require(text.starts_with(wanted));
  text.remove_prefix(wanted.size());
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  require(end != std::string_view::npos);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
  }
  require(digits > 0);
  text.remove_prefix(digits);
  return number;
}

/// RFC 2046 §5.1.1 and RFC 9110 §14.6.
void read(std::string_view text, const RangeSet& set, std::string_view content) {
  for (const ByteRange& range : set.ranges()) {
    if (text.starts_with("\r\n")) {
      text.remove_prefix(2);
    }
    take(text, "--");
    take(text, kBoundary);
    require(take_line(text).empty());
    std::string_view told;
    for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
      if (line.starts_with("Content-Type: ")) {
        require(line.substr(14) == kType);
      } else {
        take(line, "Content-Range: bytes ");
        told = line;
      }
    }
    require(take_number(told) == range.first);
    take(told, "-");
    require(take_number(told) == range.last);
    take(told, "/");
    require(take_number(told) == content.size() && told.empty());
    take(text, content.substr(static_cast<std::size_t>(range.first),
                              static_cast<std::size_t>(range.length())));
  }
  take(text, "\r\n--");
  take(text, kBoundary);
  take(text, "--");
  require(text.empty() || text == "\r\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  std::string content(data[0] * 256U + data[1], '\0');
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>(i * 7 + i / 251);
  }
  const std::vector<char> value(data + 2, data + size);
  const RangeSet set = RangeSet::parse({value.data(), value.size()}, content.size());
  if (set.state() == RangeState::satisfiable) {
    read(write(set, content), set, content);
  }
  return 0;
}
