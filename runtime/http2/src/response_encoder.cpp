#include "seabag/http2/response_encoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "huffman.h"
#include "integer.h"
#include "seabag/http/date.h"
#include "static_table.h"

namespace seabag::http2 {
namespace {

/// More than all status, numbers and names of a head take together.
constexpr std::size_t kFixedBound = 256;
/// Rendered lines that are remembered, if they are not longer.
constexpr std::size_t kRemembered = 64;
constexpr std::size_t kLongestRemembered = 2048;
/// Moments of last change that are remembered.
constexpr std::size_t kModified = 16;
/// Every other place of a table is for one field that is shared.
constexpr std::uint16_t kDatePlace = EncoderTable::kPlaces - 1;

constexpr std::size_t kStatusName = 8;
constexpr std::size_t kContentLengthName = static_name_index("content-length");
constexpr std::size_t kContentRangeName = static_name_index("content-range");
constexpr std::size_t kEtagName = static_name_index("etag");
constexpr std::size_t kLocationName = static_name_index("location");

constexpr std::string_view kEncodingLines[vfs::kEncodingCount] = {
    "", "content-encoding: gzip\r\n", "content-encoding: br\r\n", "content-encoding: zstd\r\n"};

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

/// How a field that is not in the client's table is written (RFC 7541 §6.2): the flags of its first
/// byte, and how many bits they leave.
struct Form {
  unsigned char flags;
  unsigned bits;

  static const Form literal;
  static const Form entering;
};
constexpr Form Form::literal{.flags = 0, .bits = 4};
constexpr Form Form::entering{.flags = 0x40, .bits = 6};

/// `name` has small letters only.
void append_as(const Form& form, std::string& block, std::string_view name,
               std::string_view value) {
  const std::size_t before = block.size();
  block.resize(before + name.size() + value.size() + 3 * kLongestInteger);
  char* out = block.data() + before;
  const std::size_t index = static_name_index(name);
  out = put_integer(out, form.flags, form.bits, index);
  if (index == 0) {
    out = put_short(out, name);
  }
  out = put_short(out, value);
  block.resize(static_cast<std::size_t>(out - block.data()));
}

template <typename Take>
void each_line(std::string_view lines, const Take& take) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      take(line.substr(0, colon), line.substr(colon + 2));
    }
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
}

char* put_block(char* out, std::string_view block) {
  if (!block.empty()) {
    std::memcpy(out, block.data(), block.size());
  }
  return out + block.size();
}

/// A line's block is its text and, for `: ` and CRLF, at most four bytes and two for long texts.
std::size_t lines_bound(std::string_view lines) { return lines.size() + lines.size() / 32; }

}  // namespace

void append_field(std::string& block, std::string_view name, std::string_view value) {
  append_as(Form::literal, block, lower(name), value);
}

void append_lines(std::string& block, std::string_view lines) {
  each_line(lines, [&block](std::string_view name, std::string_view value) {
    append_field(block, name, value);
  });
}

/// A field that may be in the tables of clients.
struct ResponseEncoder::Field {
  FieldId id;
  std::size_t size = 0;  ///< of name and value
  std::string literal;
  std::string entering;

  static Field make(FieldId id, const std::string& name, std::string_view value) {
    Field field{.id = id, .size = name.size() + value.size(), .literal = {}, .entering = {}};
    append_as(Form::literal, field.literal, name, value);
    append_as(Form::entering, field.entering, name, value);
    return field;
  }

  char* put(EncoderTable& table, char* out) const {
    if (const std::size_t index = table.find(id); index != 0) [[likely]] {
      return put_integer(out, 0x80, 7, index);
    }
    return put_block(out, table.enter(id, size) ? entering : literal);
  }
};

struct ResponseEncoder::Translated {
  std::string lines;
  std::string block;
  /// The same as `block`, when the lines have been seen again; into Memory::shared.
  std::vector<const Field*> fields;
  bool is_judged = false;  ///< whether there are to be such fields is known
};

struct ResponseEncoder::Memory {
  /// A `last-modified` line of a block.
  struct Modified {
    std::int64_t moment = 0;
    std::string block;
  };

  std::array<Translated, kRemembered> translated;
  std::array<Modified, kModified> modified;
  std::unordered_map<std::string, Field> shared;  ///< by name, `: ` and value
  std::uint32_t version = 0;                      ///< of the fields that are shared
  std::string date;
  Field date_field;
  std::string unkept;  ///< lines too long to be remembered
};

ResponseEncoder::ResponseEncoder() : memory_(std::make_unique<Memory>()) {}

ResponseEncoder::~ResponseEncoder() = default;

/// Its fields, when it is called the second time for the same lines.
ResponseEncoder::Translated& ResponseEncoder::remember(std::string_view lines) {
  Translated& entry = memory_->translated[place_of(lines) % kRemembered];
  if (entry.lines == lines) [[likely]] {
    if (!entry.is_judged) [[unlikely]] {
      share(entry);
      entry.is_judged = true;
    }
    return entry;
  }
  entry.lines = lines;
  entry.block.clear();
  entry.fields.clear();
  entry.is_judged = false;
  append_lines(entry.block, lines);
  return entry;
}

/// When there are no places left, all begin again: what is still in use comes back soon.
void ResponseEncoder::share(Translated& translated) {
  std::unordered_map<std::string, Field>& shared = memory_->shared;
  std::size_t count = 0;
  bool may_enter = true;
  each_line(translated.lines, [&](std::string_view name, std::string_view) {
    ++count;
    may_enter = may_enter && lower(name) != "set-cookie";
  });
  if (!may_enter || count > kDatePlace) {
    return;
  }
  if (shared.size() + count > kDatePlace) {
    for (Translated& one : memory_->translated) {
      one.fields.clear();
      one.is_judged = false;
    }
    shared.clear();
    ++memory_->version;
  }
  each_line(translated.lines, [&](std::string_view name, std::string_view value) {
    const std::string small = lower(name);
    const FieldId id{.place = static_cast<std::uint16_t>(shared.size()),
                     .version = memory_->version};
    const auto [known, is_new] = shared.try_emplace(small + ": " + std::string(value));
    if (is_new) {
      known->second = Field::make(id, small, value);
    }
    translated.fields.push_back(&known->second);
  });
}

char* ResponseEncoder::put_lines(std::string_view lines, EncoderTable& table, char* out) {
  if (lines.empty()) {
    return out;
  }
  if (lines.size() > kLongestRemembered) {
    memory_->unkept.clear();
    append_lines(memory_->unkept, lines);
    return put_block(out, memory_->unkept);
  }
  const Translated& translated = remember(lines);
  if (translated.fields.empty()) {
    return put_block(out, translated.block);
  }
  for (const Field* const field : translated.fields) {
    out = field->put(table, out);
  }
  return out;
}

char* ResponseEncoder::put_date(std::string_view date, EncoderTable& table, char* out) {
  if (date.empty()) {
    return out;
  }
  if (date != memory_->date) {
    memory_->date = date;
    const std::uint32_t version = memory_->date_field.id.version + 1;
    memory_->date_field = Field::make({.place = kDatePlace, .version = version}, "date", date);
  }
  return memory_->date_field.put(table, out);
}

std::string_view ResponseEncoder::modified(std::int64_t moment) {
  Memory::Modified& entry = memory_->modified[static_cast<std::uint64_t>(moment) % kModified];
  if (entry.block.empty() || entry.moment != moment) {
    const http::DateText date = http::format_date(moment);
    entry.block.clear();
    append_field(entry.block, "last-modified", {date.data(), date.size()});
    entry.moment = moment;
  }
  return entry.block;
}

std::size_t ResponseEncoder::bound(const http::ResponseHead& head) {
  return kFixedBound + lines_bound(head.fields) + lines_bound(head.further_fields) +
         head.date.size() + head.entity_tag.size() + head.location.size();
}

std::size_t ResponseEncoder::write(const http::ResponseHead& head, EncoderTable& table,
                                   std::span<char> out) {
  char* next = out.data();
  if (table.has_size_update()) [[unlikely]] {
    next = put_block(next, table.take_size_update());
  }
  next = put_status(next, head.status);
  next = put_date(head.date, table, next);
  next = put_lines(head.fields, table, next);
  next = put_lines(head.further_fields, table, next);
  next = put_lines(kEncodingLines[static_cast<std::size_t>(head.encoding)], table, next);
  if (!head.entity_tag.empty()) {
    next = put_named(next, kEtagName, head.entity_tag);
  }
  if (head.last_modified) {
    next = put_block(next, modified(*head.last_modified));
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
