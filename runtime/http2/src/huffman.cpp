#include "huffman.h"

#include <array>

#include "seabag/http2/frame.h"

namespace seabag::http2 {
namespace {

constexpr unsigned kLongest = 30;
constexpr std::size_t kSymbols = 257;  // the last one is EOS
constexpr std::uint32_t kWindow = (std::uint32_t{1} << kLongest) - 1;

/// Code lengths of RFC 7541 Appendix B; the code is canonical, so they say everything.
constexpr std::array<std::uint8_t, kSymbols> kLengths = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,
    7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30};

struct Code {
  std::array<std::uint32_t, kSymbols> codes{};
  std::array<std::uint16_t, kSymbols> by_code{};  ///< symbols in the order of their codes
  /// For each length: the first code that is too large for it, filled up to kLongest bits, and
  /// where its symbols begin, less its first code.
  std::array<std::uint32_t, kLongest + 1> limit{};
  std::array<std::int32_t, kLongest + 1> base{};
};

constexpr Code make_code() {
  Code made;
  std::uint32_t code = 0;
  std::uint16_t rank = 0;
  for (unsigned length = 1; length <= kLongest; ++length) {
    code <<= 1U;
    made.base[length] = static_cast<std::int32_t>(rank) - static_cast<std::int32_t>(code);
    for (std::size_t symbol = 0; symbol < kSymbols; ++symbol) {
      if (kLengths[symbol] == length) {
        made.codes[symbol] = code++;
        made.by_code[rank++] = static_cast<std::uint16_t>(symbol);
      }
    }
    made.limit[length] = code << (kLongest - length);
  }
  return made;
}
constexpr Code kCode = make_code();
static_assert(kCode.codes[kSymbols - 1] == kWindow);

/// Most text has codes of up to this many bits: one look tells symbol and length.
constexpr unsigned kQuickBits = 10;
struct Quick {
  std::uint8_t symbol = 0;
  std::uint8_t length = 0;  ///< 0: the code is longer
};

constexpr auto make_quick() {
  std::array<Quick, std::size_t{1} << kQuickBits> table{};
  for (std::size_t symbol = 0; symbol + 1 < kSymbols; ++symbol) {
    const unsigned length = kLengths[symbol];
    if (length > kQuickBits) {
      continue;
    }
    const unsigned spare = kQuickBits - length;
    const std::size_t first = std::size_t{kCode.codes[symbol]} << spare;
    for (std::size_t i = 0; i < std::size_t{1} << spare; ++i) {
      table[first + i] = {static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(length)};
    }
  }
  return table;
}
constexpr auto kQuick = make_quick();

struct Symbol {
  std::uint16_t symbol = 0;
  unsigned length = 0;
};

Symbol find_long(std::uint32_t window) {
  unsigned length = kQuickBits + 1;
  while (length < kLongest && window >= kCode.limit[length]) {
    ++length;
  }
  const auto code = static_cast<std::int32_t>(window >> (kLongest - length));
  const auto rank = static_cast<std::uint32_t>(code + kCode.base[length]);
  return {kCode.by_code[rank], length};
}

/// The next kLongest of `count` bits, filled up with ones as the padding is.
std::uint32_t window_of(std::uint64_t bits, unsigned count) {
  if (count >= kLongest) {
    return static_cast<std::uint32_t>(bits >> (count - kLongest)) & kWindow;
  }
  const unsigned missing = kLongest - count;
  const std::uint64_t filled = (bits << missing) | ((std::uint64_t{1} << missing) - 1);
  return static_cast<std::uint32_t>(filled) & kWindow;
}

}  // namespace

HuffmanOutcome decode_huffman(std::string_view coded, std::span<char> out) {
  std::uint64_t bits = 0;
  unsigned count = 0;
  std::size_t next = 0;
  std::size_t size = 0;
  while (true) {
    if (count < kLongest) {
      if (coded.size() - next >= sizeof(std::uint32_t)) {
        bits = (bits << 32U) | read_u32(coded.data() + next);
        next += sizeof(std::uint32_t);
        count += 32;
      }
      for (; count < kLongest && next < coded.size(); ++next) {
        bits = (bits << 8U) | static_cast<unsigned char>(coded[next]);
        count += 8;
      }
    }
    const std::uint32_t window = window_of(bits, count);
    const Quick quick = kQuick[window >> (kLongest - kQuickBits)];
    const Symbol found = quick.length != 0 ? Symbol{quick.symbol, quick.length} : find_long(window);
    if (found.length > count) {
      break;
    }
    if (found.symbol == kSymbols - 1) {
      return {HuffmanState::malformed, size};
    }
    if (size == out.size()) {
      return {HuffmanState::no_room, size};
    }
    out[size++] = static_cast<char>(found.symbol);
    count -= found.length;
  }
  const std::uint64_t padding = (std::uint64_t{1} << count) - 1;
  const bool is_padded = count < 8 && (bits & padding) == padding;
  return {is_padded ? HuffmanState::complete : HuffmanState::malformed, size};
}

std::size_t huffman_size(std::string_view text) {
  std::size_t bits = 0;
  for (const char c : text) {
    bits += kLengths[static_cast<unsigned char>(c)];
  }
  return (bits + 7) / 8;
}

char* encode_huffman(std::string_view text, char* out) {
  std::uint64_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto symbol = static_cast<unsigned char>(c);
    bits = (bits << kLengths[symbol]) | kCode.codes[symbol];
    count += kLengths[symbol];
    for (; count >= 8; count -= 8) {
      *out++ = static_cast<char>(bits >> (count - 8));
    }
  }
  if (count > 0) {
    *out++ = static_cast<char>((bits << (8 - count)) | (0xffU >> count));
  }
  return out;
}

}  // namespace seabag::http2
