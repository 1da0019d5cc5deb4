#pragma once

#include <cstddef>
#include <cstdint>

namespace seabag::bundle {

/// Reads and writes unaligned little-endian numbers of 1 to 8 bytes, on any machine. The compiler
/// makes one instruction of it where it can.
template <std::size_t kBytes = 8>
[[nodiscard]] constexpr std::uint64_t load_le(const std::byte* from) {
  static_assert(kBytes >= 1 && kBytes <= 8);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kBytes; ++i) {
    value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  }
  return value;
}

template <std::size_t kBytes = 8>
constexpr void store_le(std::byte* to, std::uint64_t value) {
  static_assert(kBytes >= 1 && kBytes <= 8);
  for (std::size_t i = 0; i < kBytes; ++i) {
    to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFFU);
  }
}

[[nodiscard]] constexpr std::uint16_t load_le16(const std::byte* from) {
  return static_cast<std::uint16_t>(load_le<2>(from));
}
[[nodiscard]] constexpr std::uint32_t load_le32(const std::byte* from) {
  return static_cast<std::uint32_t>(load_le<4>(from));
}
[[nodiscard]] constexpr std::uint64_t load_le48(const std::byte* from) { return load_le<6>(from); }
[[nodiscard]] constexpr std::uint64_t load_le64(const std::byte* from) { return load_le<8>(from); }

}  // namespace seabag::bundle
