#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace seabag::http {

/// Bytes of `Sun, 06 Nov 1994 08:49:37 GMT`.
inline constexpr std::size_t kDateSize = 29;
using DateText = std::array<char, kDateSize>;

/// Writes IMF-fixdate (RFC 9110 §5.6.7) of `seconds` since 1970-01-01 UTC. Moments outside the
/// years 0000 .. 9999 are written as the nearest one inside.
void format_date(std::int64_t seconds, std::span<char, kDateSize> out);

/// The same as a value.
[[nodiscard]] DateText format_date(std::int64_t seconds);

/// Seconds since 1970-01-01 UTC of IMF-fixdate, RFC 850 or asctime form; nothing when `text` is
/// none of these, or no moment that exists. Two-digit years are 1970 .. 2069. The name of the day
/// must be one, but need not fit the date. Case matters, as in RFC 9110.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text);

}  // namespace seabag::http
