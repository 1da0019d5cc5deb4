#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>

namespace seabag::server {

/// The hash that ETags are made of; `bundle::content_hash` is one.
using ContentHash = std::function<std::array<std::byte, 16>(std::span<const std::byte>)>;

}  // namespace seabag::server
