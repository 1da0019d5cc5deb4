#pragma once

#include <string_view>

namespace seabag::http {

/// Whether `text` is `uri-host [ ":" port ]` of RFC 9110 §7.2 with a host that is not empty: no
/// userinfo, no white space, brackets only around an IP literal.
[[nodiscard]] bool is_authority(std::string_view text);

}  // namespace seabag::http
