#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "seabag/http/range.h"
#include "seabag/http/status.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::http {

/// The `Connection` field of an answer; `none` where the version's default is meant.
enum class ConnectionField : std::uint8_t { none, close, keep_alive };

/// The `Content-Range` of 206 and 416.
struct ContentRange {
  /// Absent: `bytes */length`, for 416.
  std::optional<ByteRange> range = {};
  /// Of the whole representation, in bytes.
  std::uint64_t length = 0;
};

/// All that the head of one answer says. Views are borrowed for the call. What is empty or absent
/// is left out; the order of the members is the order of the fields.
struct ResponseHead {
  Status status = Status::ok;
  /// IMF-fixdate, 29 bytes.
  std::string_view date = {};
  /// Rendered field lines, each ending in CRLF: `Asset::header_fields`, or what a handler adds.
  std::string_view fields = {};
  /// More of them.
  std::string_view further_fields = {};
  vfs::Encoding encoding = vfs::Encoding::identity;
  /// With its quotes.
  std::string_view entity_tag = {};
  /// Seconds since 1970, for Last-Modified.
  std::optional<std::int64_t> last_modified = {};
  std::string_view location = {};
  std::optional<ContentRange> content_range = {};
  std::optional<std::uint64_t> content_length = {};
  ConnectionField connection = ConnectionField::none;
};

/// Enough room for `write_response_head`.
[[nodiscard]] std::size_t response_head_bound(const ResponseHead& head);

/// Writes the head with its closing empty line and returns its size; 0, and nothing written, when
/// `out` is smaller than `response_head_bound`. Values are written as they are: the caller answers
/// for `fields`, `entity_tag` and `location` being free of controls. Pure; never allocates.
[[nodiscard]] std::size_t write_response_head(const ResponseHead& head, std::span<char> out);

/// The fields of the page that names a status.
inline constexpr std::string_view kStatusPageFields =
    "Content-Type: text/html; charset=utf-8\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-cache\r\n";

/// Bytes of the small HTML page that names `status`; 0 for 204 and 304, which have no content.
[[nodiscard]] std::size_t status_page_size(Status status);

/// Writes that page and returns its size; 0, and nothing written, when `out` is too small.
[[nodiscard]] std::size_t write_status_page(Status status, std::span<char> out);

/// What OPTIONS and 405 answer: `Allow: GET, HEAD, OPTIONS\r\n`.
inline constexpr std::string_view kAllowField = "Allow: GET, HEAD, OPTIONS\r\n";

}  // namespace seabag::http
