#include "credential.h"

#include <sodium.h>

#include <algorithm>

namespace seabag::auth {
namespace {

constexpr std::string_view kScheme = "basic ";
/// More than a name and a password that crypt(3) takes.
constexpr std::size_t kLongest = 2048;

}  // namespace

std::optional<Credential> read_basic(std::string_view authorization) {
  const bool is_basic =
      authorization.size() > kScheme.size() && authorization.size() <= kLongest &&
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                 [](char small, char c) { return small == (c >= 'A' && c <= 'Z' ? c + 32 : c); });
  if (!is_basic) {
    return std::nullopt;
  }
  authorization.remove_prefix(
      std::min(authorization.find_first_not_of(' ', kScheme.size()), authorization.size()));
  std::string text(authorization.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(),
                        authorization.data(), authorization.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  text.resize(size);
  const std::size_t colon = text.find(':');
  const bool has_controls = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (colon == std::string::npos || has_controls) {
    return std::nullopt;
  }
  return Credential{.name = text.substr(0, colon), .password = text.substr(colon + 1)};
}

}  // namespace seabag::auth
