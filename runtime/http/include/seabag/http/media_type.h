#pragma once

#include <string_view>

namespace seabag::http {

/// The media type of a file, told by the extension of its name whatever its case, with `charset`
/// where it is text: `text/html; charset=utf-8`. `path` may have directories in front.
/// `application/octet-stream` when the extension is unknown or missing. A literal.
[[nodiscard]] std::string_view media_type(std::string_view path);

/// Whether content of this type (parameters and case do not matter) usually becomes smaller by
/// compression: text and its like, not images, sound, video and archives that are compressed
/// already. An unknown type is not.
[[nodiscard]] bool is_compressible(std::string_view type);

}  // namespace seabag::http
