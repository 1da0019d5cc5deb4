#include "seabag/http/range.h"

#include <algorithm>
#include <optional>

#include "ascii.h"
#include "text_writer.h"

namespace seabag::http {
namespace {

constexpr std::string_view kUnit = "bytes=";

// A number that does not fit is the largest one: it lies behind every end.
std::optional<std::uint64_t> parse_position(std::string_view digits) {
  constexpr std::uint64_t kMost = UINT64_MAX;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
  }
  return digits.empty() ? std::nullopt : std::optional(value);
}

enum class SpecState : std::uint8_t { malformed, outside, inside };

struct Spec {
  SpecState state = SpecState::malformed;
  ByteRange range;
};

// The last `count` bytes.
Spec parse_suffix(std::string_view digits, std::uint64_t length) {
  const auto count = parse_position(digits);
  if (!count) {
    return {};
  }
  if (*count == 0 || length == 0) {
    return {.state = SpecState::outside};
  }
  const std::uint64_t first = *count < length ? length - *count : 0;
  return {.state = SpecState::inside, .range = {.first = first, .last = length - 1}};
}

Spec parse_spec(std::string_view text, std::uint64_t length) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return {};
  }
  const std::string_view behind = text.substr(dash + 1);
  if (dash == 0) {
    return parse_suffix(behind, length);
  }
  const auto first = parse_position(text.substr(0, dash));
  const auto last = behind.empty() ? std::optional(UINT64_MAX) : parse_position(behind);
  if (!first || !last || *last < *first) {
    return {};
  }
  if (*first >= length) {
    return {.state = SpecState::outside};
  }
  return {.state = SpecState::inside,
          .range = {.first = *first, .last = std::min(*last, length - 1)}};
}

constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kDelimiter = "\r\n--";
constexpr std::string_view kTypeField = "Content-Type: ";
constexpr std::string_view kRangeField = "Content-Range: bytes ";

}  // namespace

// False when there is no room for one more.
bool RangeSet::add(ByteRange range) {
  std::size_t place = count_;
  for (std::size_t i = 0; i < count_;) {
    const ByteRange& other = slots_[i];
    const bool apart = (other.last < range.first && range.first - other.last > 1) ||
                       (range.last < other.first && other.first - range.last > 1);
    if (apart) {
      ++i;
      continue;
    }
    range = {.first = std::min(range.first, other.first), .last = std::max(range.last, other.last)};
    place = std::min(place, i);
    std::copy(slots_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              slots_.begin() + static_cast<std::ptrdiff_t>(count_),
              slots_.begin() + static_cast<std::ptrdiff_t>(i));
    --count_;
    // What has grown may touch a range that it did not touch before.
    i = 0;
  }
  if (count_ == kMaxRanges) {
    return false;
  }
  place = std::min(place, count_);
  std::copy_backward(slots_.begin() + static_cast<std::ptrdiff_t>(place),
                     slots_.begin() + static_cast<std::ptrdiff_t>(count_),
                     slots_.begin() + static_cast<std::ptrdiff_t>(count_) + 1);
  slots_[place] = range;
  ++count_;
  return true;
}

RangeSet RangeSet::parse(std::string_view value, std::uint64_t length) {
  const RangeSet ignored;
  if (!equals_ignoring_case(value.substr(0, kUnit.size()), kUnit)) {
    return ignored;
  }
  value.remove_prefix(kUnit.size());
  RangeSet set;
  bool any = false;
  while (!value.empty()) {
    const std::string_view text = take_member(value);
    if (text.empty()) {
      continue;
    }
    const Spec spec = parse_spec(text, length);
    if (spec.state == SpecState::malformed) {
      return ignored;
    }
    any = true;
    if (spec.state == SpecState::inside && !set.add(spec.range)) {
      return ignored;
    }
  }
  if (any) {
    set.state_ = set.count_ == 0 ? RangeState::unsatisfiable : RangeState::satisfiable;
  }
  return set;
}

std::size_t part_head_size(const RangePart& part) {
  const std::size_t type =
      part.content_type.empty() ? 0 : kTypeField.size() + part.content_type.size() + kCrlf.size();
  return kDelimiter.size() + part.boundary.size() + kCrlf.size() + type + kRangeField.size() +
         digit_count(part.range.first) + 1 + digit_count(part.range.last) + 1 +
         digit_count(part.length) + 2 * kCrlf.size();
}

std::size_t write_part_head(const RangePart& part, std::span<char> out) {
  if (out.size() < part_head_size(part)) {
    return 0;
  }
  TextWriter writer(out);
  writer.put(kDelimiter).put(part.boundary).put(kCrlf);
  if (!part.content_type.empty()) {
    writer.put(kTypeField).put(part.content_type).put(kCrlf);
  }
  writer.put(kRangeField).put(part.range.first).put("-").put(part.range.last).put("/");
  writer.put(part.length).put(kCrlf).put(kCrlf);
  return writer.size();
}

std::uint64_t multipart_size(const RangePart& part, std::span<const ByteRange> ranges) {
  std::uint64_t size = kDelimiter.size() + part.boundary.size() + 4;
  RangePart one = part;
  for (const ByteRange& range : ranges) {
    one.range = range;
    size += part_head_size(one) + range.length();
  }
  return size;
}

std::size_t write_multipart_end(std::string_view boundary, std::span<char> out) {
  if (out.size() < kDelimiter.size() + boundary.size() + 4) {
    return 0;
  }
  TextWriter writer(out);
  writer.put(kDelimiter).put(boundary).put("--").put(kCrlf);
  return writer.size();
}

}  // namespace seabag::http
