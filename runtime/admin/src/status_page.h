#pragma once

#include <string_view>

namespace seabag::admin {

/// The page of `/status`; its script asks for `status.json` every second.
extern const std::string_view kStatusPage;
extern const std::string_view kStatusStyle;
extern const std::string_view kStatusScript;

}  // namespace seabag::admin
