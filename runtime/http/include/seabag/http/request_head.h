#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace seabag::http {

/// Request methods that something branches on; every other token is `other`.
enum class Method : std::uint8_t {
  get,
  head,
  options,
  post,
  put,
  patch,
  delete_resource,
  connect,
  trace,
  other,
};

enum class Version : std::uint8_t { http_1_0, http_1_1 };

/// Fields that are recognised while a head is parsed, whatever their case.
enum class FieldName : std::uint8_t {
  other,
  accept,
  accept_encoding,
  authorization,
  connection,
  content_length,
  content_type,
  cookie,
  expect,
  host,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  origin,
  range,
  referer,
  transfer_encoding,
  upgrade,
  user_agent,
};
inline constexpr std::size_t kFieldNameCount = 21;

/// The field of this name, which must be a token; `other` when it is none of those above.
[[nodiscard]] FieldName recognise_field(std::string_view name);

/// One field line: `value` without the white space around it. Views into the parsed buffer.
struct Field {
  std::string_view name;
  std::string_view value;
  FieldName id = FieldName::other;
};

/// How the content that follows a head is delimited (RFC 9112 §6).
enum class BodyFraming : std::uint8_t { none, length, chunked };

/// Most field lines that a head can hold.
inline constexpr std::size_t kMaxFields = 100;

/// A request without its content, as the parser found it and checked it.
///
/// Some 4 KB, meant to be owned by the caller and used for one request after the other; parsing
/// touches only the fields that are there. All views point into the buffer that was parsed. One
/// thread at a time.
struct RequestHead {
  Method method = Method::other;
  Version version = Version::http_1_1;
  /// The connection stays open after the answer: the default of the version, changed by
  /// `Connection: close` and `Connection: keep-alive`; `close` wins over `keep-alive`.
  bool keep_alive = true;
  /// `Expect: 100-continue` on HTTP/1.1: the client waits for 100 before it sends the content.
  bool expects_continue = false;
  /// `Connection: upgrade`.
  bool wants_upgrade = false;
  BodyFraming framing = BodyFraming::none;
  /// Bytes of content when `framing` is `length`; 0 otherwise.
  std::uint64_t content_length = 0;
  std::string_view method_text;
  /// The request target as it came: origin-form, absolute-form, `*` (OPTIONS only) or
  /// authority-form (CONNECT only).
  std::string_view target;
  /// The path, still percent-encoded: starts with `/` (`/` for an absolute-form without a path);
  /// `*` and empty for the asterisk and authority forms.
  std::string_view path;
  /// The query with its leading `?`; empty when there is none.
  std::string_view query;
  /// Host and port: of an absolute-form or authority-form target, else of `Host`; empty when
  /// HTTP/1.0 sent none.
  std::string_view authority;

  std::array<Field, kMaxFields> field_slots;
  std::size_t field_count = 0;
  /// A bit per FieldName: seen at all, and seen more than once.
  std::uint32_t present = 0;
  std::uint32_t repeated = 0;
  /// Where the first line of a present FieldName is in `field_slots`.
  std::array<std::uint8_t, kFieldNameCount> first;

  /// All field lines in the order received.
  [[nodiscard]] std::span<const Field> fields() const {
    return std::span(field_slots).first(field_count);
  }
  [[nodiscard]] bool has(FieldName name) const { return ((present >> index(name)) & 1U) != 0; }
  [[nodiscard]] bool is_repeated(FieldName name) const {
    return ((repeated >> index(name)) & 1U) != 0;
  }
  /// The value of the first line of this field; empty when there is none.
  [[nodiscard]] std::string_view value(FieldName name) const {
    return has(name) ? field_slots[first[index(name)]].value : std::string_view();
  }
  /// Forgets everything but the storage.
  void clear();
  /// Indexes the first `count` lines, which have been changed; the others are forgotten.
  void index_fields(std::size_t count);
  /// Appends a line and indexes it. There must be room (`field_count < kMaxFields`).
  void add(const Field& field) {
    const std::size_t slot = index(field.id);
    const std::uint32_t bit = std::uint32_t{1} << slot;
    repeated |= present & bit;
    if ((present & bit) == 0) {
      first[slot] = static_cast<std::uint8_t>(field_count);
      present |= bit;
    }
    // Member by member: GCC copies 33 bytes with `rep movsb`, which takes longer than all the rest.
    Field& place = field_slots[field_count++];
    place.name = field.name;
    place.value = field.value;
    place.id = field.id;
  }

 private:
  static constexpr std::size_t index(FieldName name) { return static_cast<std::size_t>(name); }
};

/// The method of this name, which is case-sensitive; `other` for every other token.
[[nodiscard]] Method recognise_method(std::string_view text);

/// Splits a target in origin-form into `path` and `query` of `head`; false when it holds white
/// space, a control, `#` or a byte that is not ASCII.
[[nodiscard]] bool split_path_and_query(std::string_view target, RequestHead& head);

}  // namespace seabag::http
