#include "parse_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace seabag::command {

std::optional<std::chrono::nanoseconds> parse_time(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 6> kUnits = {
      {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"", 1e9}}};
  constexpr double kLongest = 24 * 3600e9;
  double number = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (code != std::errc{}) {
    return std::nullopt;
  }
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [&](const auto& one) { return one.first == rest; });
  // Written so that what is no number fails too.
  if (unit == kUnits.end() || !(number >= 0 && number * unit->second <= kLongest)) {
    return std::nullopt;
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(number * unit->second));
}

}  // namespace seabag::command
