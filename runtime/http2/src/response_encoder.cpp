#include "seabag/http2/response_encoder.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "huffman.h"
#include "seabag/http/date.h"
#include "static_table.h"

namespace seabag::http2 {
namespace {

/// More than all status, numbers and names of a head take together.
constexpr std::size_t kFixedBound = 256;
/// Longer rendered lines are translated each time.
constexpr std::size_t kLongestRemembered = 2048;

constexpr std::size_t kStatusName = 8;
constexpr std::size_t kContentEncodingName = static_name_index("content-encoding");
constexpr std::size_t kContentLengthName = static_name_index("content-length");
constexpr std::size_t kContentRangeName = static_name_index("content-range");
constexpr std::size_t kEtagName = static_name_index("etag");
constexpr std::size_t kLastModifiedName = static_name_index("last-modified");
constexpr std::size_t kLocationName = static_name_index("location");

constexpr std::string_view kEncodings[vfs::kEncodingCount] = {"", "gzip", "br", "zstd"};

constexpr std::size_t kLongestInteger = 10;

/// An integer with a prefix of `bits` bits below `flags` (RFC 7541 §5.1).
char* put_integer(char* out, unsigned char flags, unsigned bits, std::size_t number) {
  const std::size_t mask = (std::size_t{1} << bits) - 1;
  if (number < mask) {
    *out++ = static_cast<char>(flags | number);
    return out;
  }
  *out++ = static_cast<char>(flags | mask);
  for (number -= mask; number >= 0x80; number >>= 7U) {
    *out++ = static_cast<char>((number & 0x7fU) | 0x80U);
  }
  *out++ = static_cast<char>(number);
  return out;
}

char* put_plain(char* out, std::string_view text) {
  out = put_integer(out, 0, 7, text.size());
  if (!text.empty()) {
    std::memcpy(out, text.data(), text.size());
  }
  return out + text.size();
}

/// Coded when that is shorter.
char* put_short(char* out, std::string_view text) {
  const std::size_t coded = huffman_size(text);
  if (coded >= text.size()) {
    return put_plain(out, text);
  }
  return encode_huffman(text, put_integer(out, 0x80, 7, coded));
}

char* put_named(char* out, std::size_t name, std::string_view value) {
  return put_plain(put_integer(out, 0, 4, name), value);
}

char* put_number(char* out, std::size_t name, std::uint64_t number) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return put_named(out, name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

char* put_status(char* out, http::Status status) {
  constexpr unsigned kIndexed[] = {200, 204, 206, 304, 400, 404, 500};
  const auto code = static_cast<unsigned>(status);
  for (std::size_t i = 0; i < std::size(kIndexed); ++i) {
    if (kIndexed[i] == code) {
      *out++ = static_cast<char>(0x80U | (kStatusName + i));
      return out;
    }
  }
  return put_number(out, kStatusName, code);
}

char* put_content_range(char* out, const http::ContentRange& range) {
  const std::string part =
      range.range ? std::to_string(range.range->first) + "-" + std::to_string(range.range->last)
                  : std::string("*");
  return put_named(out, kContentRangeName, "bytes " + part + "/" + std::to_string(range.length));
}

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return text;
}

std::size_t place_of(std::string_view lines) {
  const auto address = reinterpret_cast<std::uintptr_t>(lines.data());
  return (address >> 4U) ^ (address >> 10U) ^ lines.size();
}

/// A line's block is its text and, for `: ` and CRLF, at most four bytes and two for long texts.
std::size_t lines_bound(std::string_view lines) { return lines.size() + lines.size() / 32; }

}  // namespace

void append_field(std::string& block, std::string_view name, std::string_view value) {
  const std::string small = lower(name);
  const std::size_t before = block.size();
  block.resize(before + small.size() + value.size() + 3 * kLongestInteger);
  char* out = block.data() + before;
  const std::size_t index = static_name_index(small);
  out = put_integer(out, 0, 4, index);
  if (index == 0) {
    out = put_short(out, small);
  }
  out = put_short(out, value);
  block.resize(static_cast<std::size_t>(out - block.data()));
}

void append_lines(std::string& block, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      append_field(block, line.substr(0, colon), line.substr(colon + 2));
    }
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
}

struct ResponseEncoder::Translated {
  std::string lines;
  std::string block;
};

ResponseEncoder::ResponseEncoder()
    : translated_(std::make_unique<std::array<Translated, kRemembered>>()) {}

ResponseEncoder::~ResponseEncoder() = default;

std::string_view ResponseEncoder::translate(std::string_view lines) {
  if (lines.size() > kLongestRemembered) {
    unkept_.clear();
    append_lines(unkept_, lines);
    return unkept_;
  }
  Translated& entry = (*translated_)[place_of(lines) % kRemembered];
  if (entry.lines != lines) {
    entry.lines = lines;
    entry.block.clear();
    append_lines(entry.block, lines);
  }
  return entry.block;
}

std::string_view ResponseEncoder::modified(std::int64_t moment) {
  Modified& entry = modified_[static_cast<std::uint64_t>(moment) % kModified];
  if (entry.size == 0 || entry.moment != moment) {
    const http::DateText date = http::format_date(moment);
    const char* const end =
        put_named(entry.block.data(), kLastModifiedName, {date.data(), date.size()});
    entry.size = static_cast<std::size_t>(end - entry.block.data());
    entry.moment = moment;
  }
  return {entry.block.data(), entry.size};
}

std::size_t ResponseEncoder::bound(const http::ResponseHead& head) {
  return kFixedBound + lines_bound(head.fields) + lines_bound(head.further_fields) +
         head.date.size() + head.entity_tag.size() + head.location.size();
}

std::size_t ResponseEncoder::write(const http::ResponseHead& head, std::span<char> out) {
  char* next = put_status(out.data(), head.status);
  const auto put = [&](std::string_view block) {
    if (!block.empty()) {
      std::memcpy(next, block.data(), block.size());
      next += block.size();
    }
  };
  if (!head.date.empty()) {
    if (head.date != date_) {
      date_ = head.date;
      date_block_.clear();
      append_field(date_block_, "date", date_);
    }
    put(date_block_);
  }
  put(translate(head.fields));
  put(translate(head.further_fields));
  if (head.encoding != vfs::Encoding::identity) {
    next =
        put_named(next, kContentEncodingName, kEncodings[static_cast<std::size_t>(head.encoding)]);
  }
  if (!head.entity_tag.empty()) {
    next = put_named(next, kEtagName, head.entity_tag);
  }
  if (head.last_modified) {
    put(modified(*head.last_modified));
  }
  if (!head.location.empty()) {
    next = put_named(next, kLocationName, head.location);
  }
  if (head.content_range) {
    next = put_content_range(next, *head.content_range);
  }
  if (head.content_length) {
    next = put_number(next, kContentLengthName, *head.content_length);
  }
  return static_cast<std::size_t>(next - out.data());
}

}  // namespace seabag::http2
