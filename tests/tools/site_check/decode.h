#pragma once

#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::site_check {

/// Undoes a content coding: `gzip`, `br`, `zstd`, or nothing for an empty name. `expected_size` is
/// how much should come out; anything else is EILSEQ, as are damaged bytes.
[[nodiscard]] Result<std::string> decode(std::string_view coding, std::string_view bytes,
                                         std::size_t expected_size);

}  // namespace seabag::site_check
