#include "seabag/http/utf8.h"

namespace seabag::http {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  if (first < 0x80) {
    return text.empty() ? 0 : 1;
  }
  if (first >= 0xc2 && first <= 0xdf && follows(1)) {
    return 2;
  }
  if ((first & 0xf0U) == 0xe0 && follows(1) && follows(2)) {
    const bool is_overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool is_surrogate = first == 0xed && byte(1) >= 0xa0;
    return is_overlong || is_surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && follows(1) && follows(2) && follows(3)) {
    const bool is_outside = (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90);
    return is_outside ? 0 : 4;
  }
  return 0;
}

}  // namespace seabag::http
