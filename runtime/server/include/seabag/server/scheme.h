#pragma once

#include <cstdint>

namespace seabag::server {

/// What is spoken at an address, and how a request came.
enum class Scheme : std::uint8_t { http, https };

}  // namespace seabag::server
