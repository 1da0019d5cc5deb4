#pragma once

#include <cstddef>

namespace seabag::http2 {

/// The most bytes that `put_integer` writes.
inline constexpr std::size_t kLongestInteger = 10;

/// Writes an integer with a prefix of `bits` bits below `flags` (RFC 7541 §5.1); returns the end.
inline char* put_integer(char* out, unsigned char flags, unsigned bits, std::size_t number) {
  const std::size_t mask = (std::size_t{1} << bits) - 1;
  if (number < mask) {
    *out++ = static_cast<char>(flags | number);
    return out;
  }
  *out++ = static_cast<char>(flags | mask);
  for (number -= mask; number >= 0x80; number >>= 7U) {
    *out++ = static_cast<char>((number & 0x7fU) | 0x80U);
  }
  *out++ = static_cast<char>(number);
  return out;
}

}  // namespace seabag::http2
