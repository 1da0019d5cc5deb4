#pragma once

#include <string>
#include <string_view>

#include "seabag/vfs/asset_source.h"

namespace seabag::testing {

/// Compresses with the codec's own library, to have variants that Seabag did not make.
[[nodiscard]] std::string compress(vfs::Encoding encoding, std::string_view text);

/// Decompresses with the codec's own library; fails the test for anything but one whole stream.
[[nodiscard]] std::string decompress(vfs::Encoding encoding, std::string_view bytes,
                                     std::size_t size);

/// A zstd frame that needs a window of 128 MiB, which browsers refuse.
[[nodiscard]] std::string compress_with_large_window(std::string_view text);

}  // namespace seabag::testing
