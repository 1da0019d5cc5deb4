#include "seabag/websocket/utf8_checker.h"

#include <cstddef>
#include <cstring>

namespace seabag::websocket {
namespace {

/// How many bytes from the start on are ASCII, in steps of 16, which the compiler does at once.
std::size_t ascii_run(const char* bytes, std::size_t size) {
  constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080;
  std::size_t at = 0;
  while (size - at >= 16) {
    std::uint64_t words[2];
    std::memcpy(words, bytes + at, sizeof words);
    if (((words[0] | words[1]) & kHigh) != 0) {
      return at;
    }
    at += 16;
  }
  return at;
}

}  // namespace

bool Utf8Checker::take(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (missing_ > 0) {
      if (byte < low_ || byte > high_) {
        return false;
      }
      --missing_;
      low_ = 0x80;
      high_ = 0xbf;
      ++at;
    } else if (byte < 0x80) {
      const std::size_t run = ascii_run(bytes.data() + at, bytes.size() - at);
      at += run > 0 ? run : 1;
    } else if (begin(byte)) {
      ++at;
    } else {
      return false;
    }
  }
  return true;
}

/// The table of RFC 3629 §4.
bool Utf8Checker::begin(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) {
    missing_ = 1;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    missing_ = 2;
    low_ = lead == 0xe0 ? 0xa0 : 0x80;
    high_ = lead == 0xed ? 0x9f : 0xbf;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    missing_ = 3;
    low_ = lead == 0xf0 ? 0x90 : 0x80;
    high_ = lead == 0xf4 ? 0x8f : 0xbf;
  } else {
    return false;
  }
  return true;
}

}  // namespace seabag::websocket
