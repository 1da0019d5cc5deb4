#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace seabag::http {

template <typename Type>
concept Number = std::integral<Type> || std::floating_point<Type>;

/// Writes JSON (RFC 8259) from its beginning to its end, without a tree of values in between and
/// without white space:
///
///   JsonWriter json;
///   json.begin_object().member("id", 7).name("tags").begin_array().value("a").end_array();
///   json.end_object();
///   return Response::json(json.take());
///
/// Commas come by themselves; that what begins also ends, and that in objects every value has a
/// name, is up to the caller. One thread at a time.
class JsonWriter {
 public:
  /// There is room for so many bytes before memory is allocated again.
  explicit JsonWriter(std::size_t expected_size = 512) : text_(expected_size, '\0') {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }

  /// Of the next value.
  JsonWriter& name(std::string_view text);

  /// A string; what is not UTF-8 in it becomes U+FFFD.
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool is_true) { return raw(is_true ? "true" : "false"); }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  /// The shortest text that gives the same number; `null` for infinities and NaN, which JSON has no
  /// words for.
  template <Number Type>
  JsonWriter& value(Type number);

  /// A name with its value.
  template <typename Value>
  JsonWriter& member(std::string_view key, const Value& content) {
    return name(key).value(content);
  }

  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  /// What has been written; this is empty then.
  [[nodiscard]] std::string take();

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  /// The end of what has been written, where there is room for `size` bytes.
  char* room(std::size_t size);
  /// The same for a value of `size` bytes, behind the comma that it needs.
  char* separate(std::size_t size);
  /// What goes up to `end` has been written.
  void use(const char* end) { used_ = static_cast<std::size_t>(end - text_.data()); }
  void grow(std::size_t size);
  void put_string(std::string_view text);
  void put_escaped(char* end, std::string_view text);

  std::string text_;  ///< longer than what has been written
  std::size_t used_ = 0;
  bool needs_comma_ = false;
};

inline char* JsonWriter::room(std::size_t size) {
  if (text_.size() - used_ < size) [[unlikely]] {
    grow(size);
  }
  return text_.data() + used_;
}

inline char* JsonWriter::separate(std::size_t size) {
  char* end = room(size + 1);
  if (needs_comma_) {
    *end++ = ',';
  }
  needs_comma_ = true;
  return end;
}

inline JsonWriter& JsonWriter::begin(char bracket) {
  char* const end = separate(1);
  *end = bracket;
  use(end + 1);
  needs_comma_ = false;
  return *this;
}

inline JsonWriter& JsonWriter::end(char bracket) {
  char* const end = room(1);
  *end = bracket;
  use(end + 1);
  needs_comma_ = true;
  return *this;
}

template <Number Type>
JsonWriter& JsonWriter::value(Type number) {
  if constexpr (std::floating_point<Type>) {
    if (!std::isfinite(number)) {
      return raw("null");
    }
  }
  constexpr std::size_t kLongest = 64;  // of a long double 40
  char* const end = separate(kLongest);
  use(std::to_chars(end, end + kLongest, number).ptr);
  return *this;
}

}  // namespace seabag::http
