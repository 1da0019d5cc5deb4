#pragma once

#include <cstdint>
#include <string_view>

namespace seabag::http2 {

/// What a client says about the order of answers (RFC 9218 §4).
struct Priority {
  std::uint8_t urgency = 3;  ///< 0 (first) to 7
  bool incremental = false;  ///< useful in parts: shares the connection with others like it

  friend bool operator==(const Priority&, const Priority&) = default;
};
inline constexpr std::uint8_t kUrgencies = 8;

/// Reads the value of a `Priority` field or of a PRIORITY_UPDATE frame, a dictionary of RFC 8941.
/// Unknown members are skipped, members with a wrong value are as if absent; a text that is no
/// dictionary gives the defaults.
[[nodiscard]] Priority parse_priority(std::string_view text);

}  // namespace seabag::http2
