#pragma once

#include <cstddef>
#include <string_view>

namespace seabag::http {

/// Bytes of the UTF-8 character (RFC 3629) at the start of `text`; 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace seabag::http
