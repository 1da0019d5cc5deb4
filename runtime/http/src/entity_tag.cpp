#include "seabag/http/entity_tag.h"

#include <cstring>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::string_view kSuffixes[vfs::kEncodingCount] = {"\"", "-gz\"", "-br\"", "-zst\""};

// Two digits for each byte.
constexpr std::array<char, 512> make_hex_table() {
  std::array<char, 512> table{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    table[2 * byte] = kDigits[byte >> 4U];
    table[2 * byte + 1] = kDigits[byte & 15U];
  }
  return table;
}
constexpr std::array<char, 512> kHexTable = make_hex_table();

// Takes the next entity tag and the comma behind it off a list; empty when none follows.
std::string_view take_tag(std::string_view& list) {
  while (!list.empty() && (is_blank(list.front()) || list.front() == ',')) {
    list.remove_prefix(1);
  }
  const std::size_t open = list.starts_with("W/") ? 2 : 0;
  if (open >= list.size() || list[open] != '"') {
    return {};
  }
  const std::size_t close = list.find('"', open + 1);
  if (close == std::string_view::npos) {
    return {};
  }
  const std::string_view tag = list.substr(0, close + 1);
  list.remove_prefix(close + 1);
  const std::string_view rest = trim_blanks(list);
  if (!rest.empty() && rest.front() != ',') {
    list = {};
    return {};
  }
  return tag;
}

}  // namespace

EntityTag::EntityTag(const std::array<std::byte, 16>& content_hash, vfs::Encoding encoding) {
  char* out = text_.data();
  *out++ = '"';
  for (const std::byte byte : content_hash) {
    std::memcpy(out, kHexTable.data() + 2 * std::to_integer<std::size_t>(byte), 2);
    out += 2;
  }
  const std::string_view suffix = kSuffixes[static_cast<std::size_t>(encoding)];
  std::memcpy(out, suffix.data(), suffix.size());
  size_ = static_cast<std::uint8_t>(1 + 2 * content_hash.size() + suffix.size());
}

bool list_contains(std::string_view list, std::string_view tag, TagComparison comparison) {
  if (trim_blanks(list) == "*") {
    return true;
  }
  for (std::string_view member = take_tag(list); !member.empty(); member = take_tag(list)) {
    if (comparison == TagComparison::weak && member.starts_with("W/")) {
      member.remove_prefix(2);
    }
    if (member == tag) {
      return true;
    }
  }
  return false;
}

}  // namespace seabag::http
