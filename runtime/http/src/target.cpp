#include "seabag/http/target.h"

#include <array>
#include <cassert>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 1; byte < 0x80; ++byte) {
    table[byte] = byte != '%' && byte != '\\' && byte != '/';
  }
  return table;
}
constexpr std::array<bool, 256> kPlain = make_plain_table();

// Nothing to decode, to join, to drop or to refuse.
bool is_normal(std::string_view raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (kPlain[static_cast<unsigned char>(c)]) {
      continue;
    }
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (c != '/' || next == '/' || next == '.') {
      return false;
    }
  }
  return true;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

// Bytes of the overlong form that a lead byte and the byte behind it begin; 0 when they begin none.
std::size_t overlong_size(unsigned char lead, unsigned char second) {
  if (lead == 0xc0 || lead == 0xc1) {
    return 2;
  }
  if (lead == 0xe0 && second < 0xa0) {
    return 3;
  }
  if (lead == 0xf0 && second < 0x90) {
    return 4;
  }
  if (lead == 0xf8 && second < 0x88) {
    return 5;
  }
  return lead == 0xfc && second < 0x84 ? 6 : 0;
}

bool has_overlong_form(std::string_view bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    const std::size_t size = overlong_size(static_cast<unsigned char>(bytes[i]),
                                           static_cast<unsigned char>(bytes[i + 1]));
    if (size == 0 || size > bytes.size() - i) {
      continue;
    }
    std::size_t continuations = 0;
    while (continuations + 1 < size && is_continuation(bytes[i + 1 + continuations])) {
      ++continuations;
    }
    if (continuations + 1 == size) {
      return true;
    }
  }
  return false;
}

class TargetDecoder {
 public:
  explicit TargetDecoder(std::span<char> buffer) : buffer_(buffer) {}

  // Null, or what is wrong with the component.
  const char* append(std::string_view component) {
    const std::size_t start = size_;
    put('/');
    if (const char* error = decode(component)) {
      return error;
    }
    const std::string_view decoded(buffer_.data() + start + 1, size_ - start - 1);
    if (decoded == "..") {
      return "'..' in the path";
    }
    is_directory_ = decoded == "." || decoded.empty();
    if (is_directory_) {
      size_ = start;
    }
    return has_overlong_form(decoded) ? "overlong UTF-8 in the path" : nullptr;
  }

  [[nodiscard]] TargetPath finish() {
    if (size_ == 0) {
      put('/');
    }
    return {.path = {buffer_.data(), size_}, .trailing_slash = is_directory_};
  }

 private:
  void put(char c) {
    assert(size_ < buffer_.size());
    buffer_[size_++] = c;
  }

  const char* decode(std::string_view component) {
    for (std::size_t i = 0; i < component.size(); ++i) {
      char c = component[i];
      if (c == '%') {
        const std::uint8_t high = i + 1 < component.size() ? hex_value(component[i + 1]) : kNoDigit;
        const std::uint8_t low = i + 2 < component.size() ? hex_value(component[i + 2]) : kNoDigit;
        if (high == kNoDigit || low == kNoDigit) {
          return "'%' without two hexadecimal digits in the path";
        }
        const char byte = static_cast<char>(high * 16 + low);
        if (byte != '/') {
          c = byte;
          i += 2;
        }
      }
      if (c == '\0' || c == '\\') {
        return c == '\0' ? "NUL in the path" : "backslash in the path";
      }
      put(c);
    }
    return nullptr;
  }

  std::span<char> buffer_;
  std::size_t size_ = 0;
  bool is_directory_ = false;
};

constexpr bool is_path_char(char c) {
  return is_digit(c) || is_alpha(c) ||
         (c != '\0' && std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos);
}

// No URL characters, but sent by browsers as they are and harmless.
constexpr bool is_loose_query_char(char c) {
  return std::string_view("%?[]{}|^`").find(c) != std::string_view::npos && c != '\0';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

}  // namespace

TargetOutcome decode_target(std::string_view raw, std::span<char> buffer) {
  assert(buffer.size() >= raw.size());
  if (raw.empty() || raw.front() != '/') {
    return {.error = "path does not start with '/'"};
  }
  if (is_normal(raw)) {
    const bool trailing_slash = raw.back() == '/';
    const std::size_t size = trailing_slash && raw.size() > 1 ? raw.size() - 1 : raw.size();
    return {.target = {.path = raw.substr(0, size), .trailing_slash = trailing_slash}};
  }
  TargetDecoder decoder(buffer);
  while (!raw.empty()) {
    raw.remove_prefix(1);
    const std::string_view component = raw.substr(0, raw.find('/'));
    if (const char* error = decoder.append(component)) {
      return {.error = error};
    }
    raw.remove_prefix(component.size());
  }
  return {.target = decoder.finish()};
}

void append_encoded_path(std::string& out, std::string_view path) {
  for (const char c : path) {
    if (is_path_char(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
}

void append_encoded_query(std::string& out, std::string_view query) {
  for (const char c : query) {
    if (is_path_char(c) || is_loose_query_char(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
}

}  // namespace seabag::http
