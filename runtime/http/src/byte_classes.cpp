#include "seabag/http/byte_classes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "ascii.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace seabag::http {
namespace {

constexpr std::uint8_t kControl = 1;
constexpr std::uint8_t kNonToken = 2;

constexpr std::array<std::uint8_t, 256> make_class_table() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    const bool control = (byte < 0x20 && c != '\t') || byte == 0x7f;
    table[byte] =
        static_cast<std::uint8_t>((control ? kControl : 0) | (is_token_char(c) ? 0 : kNonToken));
  }
  return table;
}
constexpr std::array<std::uint8_t, 256> kClassTable = make_class_table();

#if defined(__x86_64__)

// A byte is a tchar when bit (byte >> 4) is set in kTokenRows[byte & 15]; both look-ups are one
// shuffle, and the shuffle itself answers 0 for bytes from 0x80 on.
constexpr std::array<std::uint8_t, 16> make_token_rows() {
  std::array<std::uint8_t, 16> rows{};
  for (std::size_t byte = 0; byte < 128; ++byte) {
    if (is_token_char(static_cast<char>(byte))) {
      rows[byte & 15] = static_cast<std::uint8_t>(rows[byte & 15] | (1U << (byte >> 4)));
    }
  }
  return rows;
}
alignas(16) constexpr std::array<std::uint8_t, 16> kTokenRows = make_token_rows();
alignas(16) constexpr std::array<std::uint8_t, 16> kRowBits = {1, 2, 4, 8, 16, 32, 64, 128};

template <typename Vector>
Vector load_vector(const void* bytes) {
  Vector vector;
  std::memcpy(&vector, bytes, sizeof vector);
  return vector;
}

[[gnu::target("ssse3")]] BlockClasses classify_block_ssse3(const char* block) {
  const auto rows = load_vector<__m128i>(kTokenRows.data());
  const auto row_bits = load_vector<__m128i>(kRowBits.data());
  BlockClasses classes;
  for (std::size_t part = 0; part < 4; ++part) {
    const auto bytes = load_vector<__m128i>(block + 16 * part);
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const __m128i control = _mm_or_si128(_mm_andnot_si128(tab, low), del);
    const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
    const __m128i token =
        _mm_and_si128(_mm_shuffle_epi8(rows, bytes), _mm_shuffle_epi8(row_bits, high));
    const __m128i non_token = _mm_cmpeq_epi8(token, _mm_setzero_si128());
    const auto control_bits = static_cast<std::uint32_t>(_mm_movemask_epi8(control));
    const auto non_token_bits = static_cast<std::uint32_t>(_mm_movemask_epi8(non_token));
    classes.control |= std::uint64_t{control_bits} << (16 * part);
    classes.non_token |= std::uint64_t{non_token_bits} << (16 * part);
  }
  return classes;
}

[[gnu::target("avx2")]] BlockClasses classify_block_avx2(const char* block) {
  const __m256i rows = _mm256_broadcastsi128_si256(load_vector<__m128i>(kTokenRows.data()));
  const __m256i row_bits = _mm256_broadcastsi128_si256(load_vector<__m128i>(kRowBits.data()));
  BlockClasses classes;
  for (std::size_t part = 0; part < 2; ++part) {
    __m256i bytes;
    std::memcpy(&bytes, block + 32 * part, sizeof bytes);
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
    const __m256i tab = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
    const __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
    const __m256i control = _mm256_or_si256(_mm256_andnot_si256(tab, low), del);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
    const __m256i token =
        _mm256_and_si256(_mm256_shuffle_epi8(rows, bytes), _mm256_shuffle_epi8(row_bits, high));
    const __m256i non_token = _mm256_cmpeq_epi8(token, _mm256_setzero_si256());
    const auto control_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(control));
    const auto non_token_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(non_token));
    classes.control |= std::uint64_t{control_bits} << (32 * part);
    classes.non_token |= std::uint64_t{non_token_bits} << (32 * part);
  }
  return classes;
}

#endif

BlockClasses classify_block_portably(const char* block) {
  BlockClasses classes;
  for (unsigned i = 0; i < kClassBlock; ++i) {
    const std::uint64_t bits = kClassTable[static_cast<unsigned char>(block[i])];
    classes.control |= (bits & kControl) << i;
    classes.non_token |= (bits >> 1) << i;
  }
  return classes;
}

}  // namespace

// __builtin_cpu_supports reads a word that the compiler's start-up code has filled in: cheaper than
// a function pointer, and nothing of ours to initialise.
ScanLevel best_scan_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) {
    return ScanLevel::avx2;
  }
  if (__builtin_cpu_supports("ssse3") != 0) {
    return ScanLevel::ssse3;
  }
#endif
  return ScanLevel::portable;
}

BlockClasses classify_block(const char* block, ScanLevel level) {
#if defined(__x86_64__)
  if (level == ScanLevel::avx2) {
    return classify_block_avx2(block);
  }
  if (level == ScanLevel::ssse3) {
    return classify_block_ssse3(block);
  }
#endif
  assert(level == ScanLevel::portable);
  return classify_block_portably(block);
}

// The bytes behind the end of the text count as NUL: a control, so that every search ends.
BlockClasses ByteClasses::classify(std::size_t block) const {
  const std::size_t start = block * kClassBlock;
  const std::size_t left = text_.size() - start;
  if (left >= kClassBlock) {
    return classify_block(text_.data() + start, level_);
  }
  std::array<char, kClassBlock> padded{};
  std::memcpy(padded.data(), text_.data() + start, left);
  return classify_block(padded.data(), level_);
}

std::size_t ByteClasses::next_in_later_blocks(std::size_t block,
                                              std::uint64_t BlockClasses::*kind) {
  for (; block * kClassBlock < text_.size(); ++block) {
    load(block);
    const std::uint64_t bits = classes_.*kind;
    if (bits != 0) {
      const std::size_t found =
          block * kClassBlock + static_cast<std::size_t>(std::countr_zero(bits));
      return std::min(found, text_.size());
    }
  }
  return text_.size();
}

}  // namespace seabag::http
