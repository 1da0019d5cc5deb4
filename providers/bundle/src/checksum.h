#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace seabag::bundle {

/// XXH3-64 with seed 0: fast, not cryptographic.
[[nodiscard]] std::uint64_t xxh3(std::span<const std::byte> bytes);

}  // namespace seabag::bundle
