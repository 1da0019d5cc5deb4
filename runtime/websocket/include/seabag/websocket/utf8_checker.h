#pragma once

#include <cstdint>
#include <string_view>

namespace seabag::websocket {

/// Tells of a text that comes in pieces whether it is UTF-8 (RFC 3629: no surrogates, nothing
/// overlong, nothing above U+10FFFF), with the first byte that can't be. One thread at a time.
class Utf8Checker {
 public:
  /// False once a byte can't follow what came before it; then only `reset` helps.
  [[nodiscard]] bool take(std::string_view bytes);

  /// No character is half there.
  [[nodiscard]] bool is_complete() const { return missing_ == 0; }

  void reset() { *this = Utf8Checker(); }

 private:
  bool begin(unsigned char lead);

  std::uint8_t missing_ = 0;  ///< bytes of the character that is half there
  std::uint8_t low_ = 0x80;   ///< what its next byte may be
  std::uint8_t high_ = 0xbf;
};

}  // namespace seabag::websocket
