#pragma once

#include <string_view>

namespace seabag::admin {

/// The page of `/status`: complete in itself, it asks for `status.json` every second.
extern const std::string_view kStatusPage;

}  // namespace seabag::admin
