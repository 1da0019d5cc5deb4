#include "seabag/http/authority.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::array<bool, 256> make_host_table() {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    table[byte] =
        is_digit(c) || is_alpha(c) ||
        (c != '\0' && std::string_view("-._~!$&'()*+,;=%").find(c) != std::string_view::npos);
  }
  return table;
}
constexpr std::array<bool, 256> kHostTable = make_host_table();

bool is_host_char(char c) { return kHostTable[static_cast<unsigned char>(c)]; }

// Bytes of an IP literal with its brackets; 0 when it is none.
std::size_t ip_literal_size(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ']') {
      return i > 1 ? i + 1 : 0;
    }
    if (!is_host_char(text[i]) && text[i] != ':') {
      return 0;
    }
  }
  return 0;
}

std::size_t host_size(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    return ip_literal_size(text);
  }
  std::size_t size = 0;
  while (size < text.size() && is_host_char(text[size])) {
    ++size;
  }
  return size;
}

}  // namespace

bool is_authority(std::string_view text) {
  const std::size_t host = host_size(text);
  if (host == 0) {
    return false;
  }
  if (host == text.size()) {
    return true;
  }
  constexpr std::size_t kMaxPortDigits = 5;
  const std::string_view port = text.substr(host + 1);
  if (text[host] != ':' || port.size() > kMaxPortDigits) {
    return false;
  }
  for (const char c : port) {
    if (!is_digit(c)) {
      return false;
    }
  }
  return true;
}

}  // namespace seabag::http
