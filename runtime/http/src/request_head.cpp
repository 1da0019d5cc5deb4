#include "seabag/http/request_head.h"

#include <array>
#include <cstring>

namespace seabag::http {
namespace {

// Bytes of a token differ from those of a lower-case name by bit 5 alone only if they are its
// capital letters, so one OR makes the comparison; `text` has the size of the literal.
template <std::size_t kSize>
bool matches(const char* text, const char (&lower)[kSize]) {
  constexpr std::size_t kLength = kSize - 1;
  std::uint64_t difference = 0;
  std::size_t at = 0;
  const auto step = [&](auto word, std::size_t where) {
    decltype(word) expected = 0;
    std::memcpy(&word, text + where, sizeof word);
    std::memcpy(&expected, lower + where, sizeof expected);
    constexpr auto kBit = static_cast<decltype(word)>(0x2020202020202020U);
    difference |= static_cast<std::uint64_t>((word | kBit) ^ expected);
  };
  for (; at + 8 <= kLength; at += 8) {
    step(std::uint64_t{}, at);
  }
  if constexpr (kLength % 8 != 0 && kLength > 8) {
    step(std::uint64_t{}, kLength - 8);
  } else if constexpr (kLength == 4) {
    step(std::uint32_t{}, 0);
  } else if constexpr (kLength > 4 && kLength < 8) {
    step(std::uint32_t{}, 0);
    step(std::uint32_t{}, kLength - 4);
  }
  static_assert(kLength >= 4);
  return difference == 0;
}

template <std::size_t kSize>
FieldName check(const char* text, const char (&lower)[kSize], FieldName name) {
  return matches(text, lower) ? name : FieldName::other;
}

FieldName recognise_long(std::string_view name) {
  const char* const text = name.data();
  switch (name.size()) {
    case 12:
      return check(text, "content-type", FieldName::content_type);
    case 13:
      switch (text[3] | 0x20) {
        case 'n':
          return check(text, "if-none-match", FieldName::if_none_match);
        case 'h':
          return check(text, "authorization", FieldName::authorization);
        default:
          return FieldName::other;
      }
    case 14:
      return check(text, "content-length", FieldName::content_length);
    case 15:
      return check(text, "accept-encoding", FieldName::accept_encoding);
    case 17:
      return (text[0] | 0x20) == 'i'
                 ? check(text, "if-modified-since", FieldName::if_modified_since)
                 : check(text, "transfer-encoding", FieldName::transfer_encoding);
    case 19:
      return check(text, "if-unmodified-since", FieldName::if_unmodified_since);
    default:
      return FieldName::other;
  }
}

FieldName recognise_short(std::string_view name) {
  const char* const text = name.data();
  switch (name.size()) {
    case 4:
      return check(text, "host", FieldName::host);
    case 5:
      return check(text, "range", FieldName::range);
    case 6:
      switch (text[0] | 0x20) {
        case 'a':
          return check(text, "accept", FieldName::accept);
        case 'c':
          return check(text, "cookie", FieldName::cookie);
        case 'e':
          return check(text, "expect", FieldName::expect);
        case 'o':
          return check(text, "origin", FieldName::origin);
        default:
          return FieldName::other;
      }
    case 7:
      return (text[0] | 0x20) == 'r' ? check(text, "referer", FieldName::referer)
                                     : check(text, "upgrade", FieldName::upgrade);
    case 8:
      return (text[3] | 0x20) == 'm' ? check(text, "if-match", FieldName::if_match)
                                     : check(text, "if-range", FieldName::if_range);
    case 10:
      switch (text[0] | 0x20) {
        case 'u':
          return check(text, "user-agent", FieldName::user_agent);
        case 'c':
          return check(text, "connection", FieldName::connection);
        default:
          return FieldName::other;
      }
    default:
      return FieldName::other;
  }
}

constexpr std::array<bool, 256> make_target_table() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = byte > 0x20 && byte < 0x7f && byte != '#';
  }
  return table;
}
constexpr std::array<bool, 256> kTargetTable = make_target_table();

bool is_target_char(char c) { return kTargetTable[static_cast<unsigned char>(c)]; }

}  // namespace

FieldName recognise_field(std::string_view name) {
  return name.size() <= 10 ? recognise_short(name) : recognise_long(name);
}

Method recognise_method(std::string_view text) {
  switch (text.size()) {
    case 3:
      return text == "GET" ? Method::get : text == "PUT" ? Method::put : Method::other;
    case 4:
      return text == "HEAD" ? Method::head : text == "POST" ? Method::post : Method::other;
    case 5:
      return text == "PATCH" ? Method::patch : text == "TRACE" ? Method::trace : Method::other;
    case 6:
      return text == "DELETE" ? Method::delete_resource : Method::other;
    case 7:
      return text == "OPTIONS"   ? Method::options
             : text == "CONNECT" ? Method::connect
                                 : Method::other;
    default:
      return Method::other;
  }
}

bool split_path_and_query(std::string_view target, RequestHead& head) {
  const std::size_t size = target.size();
  std::size_t query = size;
  for (std::size_t i = 0; i < size; ++i) {
    const char c = target[i];
    if (c == '?' && query == size) {
      query = i;
    } else if (!is_target_char(c)) {
      return false;
    }
  }
  head.path = target.substr(0, query);
  head.query = target.substr(query);
  return true;
}

void RequestHead::index_fields(std::size_t count) {
  field_count = 0;
  present = 0;
  repeated = 0;
  while (field_count < count) {
    const Field field = field_slots[field_count];
    add(field);
  }
}

void RequestHead::clear() {
  method = Method::other;
  version = Version::http_1_1;
  keep_alive = true;
  expects_continue = false;
  wants_upgrade = false;
  framing = BodyFraming::none;
  content_length = 0;
  method_text = {};
  target = {};
  path = {};
  query = {};
  authority = {};
  field_count = 0;
  present = 0;
  repeated = 0;
}

}  // namespace seabag::http
