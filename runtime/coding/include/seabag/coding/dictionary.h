#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "seabag/vfs/result.h"

namespace seabag::coding {

using Sha256 = std::array<unsigned char, 32>;

/// What names a dictionary (RFC 9842 §2.2).
[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes);

/// `:BASE64:`, a byte sequence of structured fields (RFC 8941 §3.3.5).
[[nodiscard]] std::string structured_text(const Sha256& hash);

/// Most bytes of a content and its dictionary together: the window that every client has.
inline constexpr std::size_t kMostWithDictionary = std::size_t{8} * 1024 * 1024;

/// `bytes` in the coding `dcz` (RFC 9842 §5): Zstandard that refers to a dictionary. `level` is 1
/// to 19. Errors: EFBIG beyond kMostWithDictionary; ENOMEM.
[[nodiscard]] Result<std::string> make_dcz(std::span<const std::byte> bytes,
                                           std::span<const std::byte> dictionary, int level);

}  // namespace seabag::coding
