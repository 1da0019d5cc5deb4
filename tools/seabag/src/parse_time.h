#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace seabag::command {

/// Reads a time as it is written for people: a decimal number and `us`, `ms`, `s`, `m` or `h`;
/// without a unit it is seconds. Nothing when it is no such time, or longer than a day.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_time(std::string_view text);

}  // namespace seabag::command
