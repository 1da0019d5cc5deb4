#pragma once

#include <string_view>

#include "seabag/http2/hpack_decoder.h"

namespace seabag::http2 {

/// What a field is; the value's half is `is_valid_value`.
[[nodiscard]] FieldClass classify_name(std::string_view name);

/// RFC 9113 §8.2.1, and no other controls but the tab.
[[nodiscard]] bool is_valid_value(std::string_view value);

}  // namespace seabag::http2
