#include "seabag/websocket/frame.h"

#include <cstring>

namespace seabag::websocket {

OutgoingHeader::OutgoingHeader(Opcode opcode, Coding coding, std::uint64_t length) {
  constexpr unsigned kFinal = 0x80;
  constexpr unsigned kDeflated = 0x40;
  bytes[0] = static_cast<char>(kFinal | (coding == Coding::deflated ? kDeflated : 0U) |
                               static_cast<unsigned>(opcode));
  unsigned more = 0;
  if (length <= 125) {
    bytes[1] = static_cast<char>(length);
  } else {
    more = length <= 0xffff ? 2 : 8;
    bytes[1] = more == 2 ? 126 : 127;
  }
  for (unsigned i = 0; i < more; ++i) {
    bytes[2 + i] = static_cast<char>(length >> (8 * (more - 1 - i)));
  }
  size = static_cast<std::uint8_t>(2 + more);
}

void copy_masked(std::string_view bytes, const MaskingKey& key, std::uint64_t phase, char* out) {
  MaskingKey turned;
  for (std::size_t i = 0; i < turned.size(); ++i) {
    turned[i] = key[(phase + i) % key.size()];
  }
  std::uint32_t half = 0;
  std::memcpy(&half, turned.data(), sizeof half);
  const std::uint64_t mask = std::uint64_t{half} << 32U | half;
  const char* in = bytes.data();
  std::size_t at = 0;
  // Four words a step, which the compiler turns into vector instructions.
  for (; bytes.size() - at >= 32; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, in + at, sizeof words);
    for (std::uint64_t& word : words) {
      word ^= mask;
    }
    std::memcpy(out + at, words, sizeof words);
  }
  for (; at < bytes.size(); ++at) {
    out[at] = static_cast<char>(in[at] ^ turned[at % turned.size()]);
  }
}

}  // namespace seabag::websocket
