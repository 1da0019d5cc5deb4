#include "seabag/http/byte_classes.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

std::vector<ScanLevel> levels() {
  std::vector<ScanLevel> all;
  for (int level = 0; level <= static_cast<int>(best_scan_level()); ++level) {
    all.push_back(static_cast<ScanLevel>(level));
  }
  return all;
}

bool is_control(unsigned byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7f; }

bool is_token(unsigned byte) {
  constexpr std::string_view kTokens =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return byte < 0x80 && kTokens.find(static_cast<char>(byte)) != std::string_view::npos;
}

TEST_CASE("every byte is classified alike by all instructions", "[http][byte_classes]") {
  for (const ScanLevel level : levels()) {
    CAPTURE(static_cast<int>(level));
    for (unsigned start = 0; start < 256; start += 64) {
      std::array<char, kClassBlock> block{};
      for (unsigned i = 0; i < kClassBlock; ++i) {
        block[i] = static_cast<char>(start + i);
      }
      const BlockClasses classes = classify_block(block.data(), level);
      for (unsigned i = 0; i < kClassBlock; ++i) {
        CAPTURE(start + i);
        CHECK(((classes.control >> i) & 1U) == (is_control(start + i) ? 1U : 0U));
        CHECK(((classes.non_token >> i) & 1U) == (is_token(start + i) ? 0U : 1U));
      }
    }
  }
}

TEST_CASE("a search finds the first byte of its kind at any place", "[http][byte_classes]") {
  for (const ScanLevel level : levels()) {
    for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 128U, 200U}) {
      for (std::size_t place = 0; place < size; ++place) {
        CAPTURE(static_cast<int>(level), size, place);
        std::string text(size, 'a');
        text[place] = '\n';
        ByteClasses classes(text, level);
        CHECK(classes.next_control(0) == place);
        CHECK(classes.next_non_token(place) == place);
        CHECK(classes.next_control(place + 1) == size);
        CHECK(classes.next_non_token(place + 1) == size);
      }
    }
  }
}

TEST_CASE("nothing is found behind the end", "[http][byte_classes]") {
  const std::string text = "abc\r\n";
  ByteClasses classes(std::string_view(text).substr(0, 3));
  CHECK(classes.next_control(0) == 3);
  CHECK(classes.next_non_token(0) == 3);
  CHECK(classes.next_control(100) == 3);
  CHECK(ByteClasses({}).next_control(0) == 0);
}

}  // namespace
}  // namespace seabag::http
