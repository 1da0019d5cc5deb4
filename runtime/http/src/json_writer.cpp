#include "seabag/http/json_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "seabag/http/utf8.h"

namespace seabag::http {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kLongestEscape = 6;

/// Which bytes stand for themselves in a string (RFC 8259 §7), whatever is around them.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) {
    plain[byte] = byte != '"' && byte != '\\';
  }
  return plain;
}();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

char* put(char* end, std::string_view text) {
  std::memcpy(end, text.data(), text.size());
  return end + text.size();
}

char* put_escape(char* end, char c) {
  switch (c) {
    case '"':
      return put(end, "\\\"");
    case '\\':
      return put(end, "\\\\");
    case '\n':
      return put(end, "\\n");
    case '\r':
      return put(end, "\\r");
    case '\t':
      return put(end, "\\t");
    default: {
      const auto byte = static_cast<unsigned char>(c);
      end = put(end, "\\u00");
      *end++ = kHex[byte >> 4U];
      *end++ = kHex[byte & 15U];
      return end;
    }
  }
}

}  // namespace

void JsonWriter::grow(std::size_t size) { text_.resize(std::max(2 * text_.size(), used_ + size)); }

std::string JsonWriter::take() {
  text_.resize(used_);
  used_ = 0;
  needs_comma_ = false;
  return std::exchange(text_, {});
}

void JsonWriter::put_string(std::string_view text) {
  char* end = separate(text.size() + 2);
  *end++ = '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_plain(text[i])) [[unlikely]] {
      put_escaped(end, text.substr(i));
      return;
    }
    *end++ = text[i];
  }
  *end++ = '"';
  use(end);
}

/// The rest of a string, at `end`.
void JsonWriter::put_escaped(char* end, std::string_view text) {
  use(end);
  while (!text.empty()) {
    end = room(kLongestEscape);
    const std::size_t length = utf8_length(text);
    if (length == 1) {
      end = is_plain(text.front()) ? put(end, text.substr(0, 1)) : put_escape(end, text.front());
    } else {
      end = put(end, length == 0 ? kReplacement : text.substr(0, length));
    }
    use(end);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  use(put(room(1), "\""));
}

JsonWriter& JsonWriter::name(std::string_view text) {
  put_string(text);
  use(put(room(1), ":"));
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  put_string(text);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  use(put(separate(json.size()), json));
  return *this;
}

}  // namespace seabag::http
