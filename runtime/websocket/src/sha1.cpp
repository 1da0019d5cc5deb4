#include "sha1.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace seabag::websocket {
namespace {

constexpr std::size_t kBlock = 64;
using Sum = std::array<std::uint32_t, 5>;

struct Round {
  std::uint32_t mixed;
  std::uint32_t constant;
};

Round round_of(unsigned step, const Sum& s) {
  if (step < 20) {
    return {(s[1] & s[2]) | (~s[1] & s[3]), 0x5a827999};
  }
  if (step < 40) {
    return {s[1] ^ s[2] ^ s[3], 0x6ed9eba1};
  }
  if (step < 60) {
    return {(s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3]), 0x8f1bbcdc};
  }
  return {s[1] ^ s[2] ^ s[3], 0xca62c1d6};
}

void add_block(const unsigned char* block, Sum& sum) {
  std::array<std::uint32_t, 80> words;
  for (std::size_t i = 0; i < 16; ++i) {
    const unsigned char* word = block + 4 * i;
    words[i] = std::uint32_t{word[0]} << 24U | std::uint32_t{word[1]} << 16U |
               std::uint32_t{word[2]} << 8U | word[3];
  }
  for (std::size_t i = 16; i < words.size(); ++i) {
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  Sum s = sum;
  for (unsigned step = 0; step < words.size(); ++step) {
    const Round round = round_of(step, s);
    const std::uint32_t next =
        std::rotl(s[0], 5) + round.mixed + s[4] + round.constant + words[step];
    s = {next, s[0], std::rotl(s[1], 30), s[2], s[3]};
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += s[i];
  }
}

}  // namespace

std::array<unsigned char, 20> sha1(std::string_view text) {
  Sum sum = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::array<unsigned char, kBlock> block{};
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  bool has_end = false;
  for (bool is_last = false; !is_last;) {
    const std::size_t part = std::min(text.size(), kBlock);
    block.fill(0);
    std::copy_n(text.begin(), part, block.begin());
    text.remove_prefix(part);
    if (part < kBlock && !has_end) {
      block[part] = 0x80;
      has_end = true;
      is_last = part < kBlock - 8;
    } else {
      is_last = has_end;
    }
    for (std::size_t i = 0; is_last && i < 8; ++i) {
      block[kBlock - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    }
    add_block(block.data(), sum);
  }
  std::array<unsigned char, 20> digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<unsigned char>(sum[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

}  // namespace seabag::websocket
