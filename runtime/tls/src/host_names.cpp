#include "host_names.h"

#include <algorithm>

namespace seabag::tls {

std::optional<std::size_t> HostNames::find(std::string_view name) const {
  std::string wanted(name.ends_with('.') ? name.substr(0, name.size() - 1) : name);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
  });
  // A client that asks for `*.example.com` itself must not find it.
  if (wanted.empty() || wanted.starts_with('*')) {
    return std::nullopt;
  }
  if (const auto exact = names_.find(wanted); exact != names_.end()) {
    return exact->second;
  }
  const std::size_t dot = wanted.find('.');
  if (dot == std::string::npos || dot == 0) {
    return std::nullopt;
  }
  const auto wildcard = names_.find("*" + wanted.substr(dot));
  return wildcard != names_.end() ? std::optional(wildcard->second) : std::nullopt;
}

}  // namespace seabag::tls
