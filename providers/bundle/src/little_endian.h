#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace seabag::bundle {

/// Reads an unaligned little-endian number of 1 to 8 bytes, on any machine. Written so that GCC 12
/// makes one or two loads of it; from a loop over the bytes it makes a loop.
template <std::size_t kBytes = 8>
[[nodiscard]] inline std::uint64_t load_le(const std::byte* from) {
  static_assert(kBytes >= 1 && kBytes <= 8);
  std::uint64_t value = 0;
  std::memcpy(&value, from, kBytes);
  if constexpr (std::endian::native == std::endian::big) {
    value = __builtin_bswap64(value);
  }
  return value;
}

/// Writes the low bytes of a number, the lowest first.
template <std::size_t kBytes = 8>
inline void store_le(std::byte* to, std::uint64_t value) {
  static_assert(kBytes >= 1 && kBytes <= 8);
  if constexpr (std::endian::native == std::endian::big) {
    value = __builtin_bswap64(value);
  }
  std::memcpy(to, &value, kBytes);
}

[[nodiscard]] inline std::uint16_t load_le16(const std::byte* from) {
  return static_cast<std::uint16_t>(load_le<2>(from));
}
[[nodiscard]] inline std::uint32_t load_le32(const std::byte* from) {
  return static_cast<std::uint32_t>(load_le<4>(from));
}
/// In two parts: copied at once, the six bytes would go through memory.
[[nodiscard]] inline std::uint64_t load_le48(const std::byte* from) {
  return load_le<4>(from) | (load_le<2>(from + 4) << 32U);
}
[[nodiscard]] inline std::uint64_t load_le64(const std::byte* from) { return load_le<8>(from); }

}  // namespace seabag::bundle
