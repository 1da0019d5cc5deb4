#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "seabag/vfs/result.h"

namespace seabag::coding {

/// Content codings that are made while a site is served, at levels that favour time over size.

/// `bytes` as one gzip member (RFC 1952), without name and time, so that equal content gives equal
/// bytes. `level` is that of zlib, 1 to 9. Errors: ENOMEM, EFBIG beyond 1 GiB.
[[nodiscard]] Result<std::string> make_gzip(std::span<const std::byte> bytes, int level);

/// `bytes` as one Zstandard frame (RFC 8878) with a window that browsers accept (RFC 9659).
/// `level` is 1 to 19. Errors: ENOMEM, EFBIG beyond 1 GiB.
[[nodiscard]] Result<std::string> make_zstd(std::span<const std::byte> bytes, int level);

}  // namespace seabag::coding
