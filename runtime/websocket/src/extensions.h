#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seabag/websocket/deflate.h"

namespace seabag::websocket {

/// Reads one value of `Sec-WebSocket-Extensions` (RFC 6455 §9.1). False when it is malformed.
/// Agrees to the first offer of permessage-deflate that fits `options`, unless `agreed` holds one
/// already.
[[nodiscard]] bool read_extensions(std::string_view value,
                                   const std::optional<DeflateOptions>& options,
                                   std::optional<DeflateAgreement>& agreed);

/// What a client is told of an agreement.
[[nodiscard]] std::string write_extension(const DeflateAgreement& agreed);

/// Tokens and lists of RFC 9110 §5.6, which take what they find off the start of `text`.
[[nodiscard]] std::string_view take_token(std::string_view& text);
void skip_space(std::string_view& text);

}  // namespace seabag::websocket
