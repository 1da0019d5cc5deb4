#include "seabag/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

namespace seabag::net {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kMaxUnixPath = sizeof(sockaddr_un::sun_path) - 1;

Error bad_address(std::string_view text, std::string detail) {
  return make_error(std::errc::invalid_argument, "listen", text, std::move(detail));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || code != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

/// inet_pton(3) wants a terminated string.
bool parse_ip(int family, std::string_view text, std::array<std::uint8_t, 16>& bytes) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) {
    return false;
  }
  std::copy(text.begin(), text.end(), copy.begin());
  return inet_pton(family, copy.data(), bytes.data()) == 1;
}

/// Handlers are told it with every request, and inet_ntop(3) takes a tenth of a microsecond.
std::string_view write_ipv4(const std::uint8_t* bytes,
                            std::array<char, Peer::kMaxTextLength>& buffer) {
  constexpr std::size_t kBytes = 4;
  char* end = buffer.data();
  for (std::size_t i = 0; i < kBytes; ++i) {
    if (i > 0) {
      *end++ = '.';
    }
    end = std::to_chars(end, buffer.data() + buffer.size(), bytes[i]).ptr;
  }
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  Address address;
  if (text.starts_with(kUnixPrefix)) {
    const std::string_view path = text.substr(kUnixPrefix.size());
    if (path.empty() || path.find('\0') != std::string_view::npos) {
      return bad_address(text, "unix: needs the path of a socket");
    }
    if (path.size() > kMaxUnixPath) {
      return make_error(std::errc::filename_too_long, "listen", text,
                        "the path of a unix socket has at most 107 bytes");
    }
    address.family_ = Family::local;
    address.path_ = path;
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad_address(text, "expected ADDR:PORT, [V6]:PORT, :PORT or unix:PATH");
  }
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) {
    return bad_address(text, "the port must be a number from 0 to 65535");
  }
  address.port_ = *port;
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || host == "*") {
    address.family_ = Family::any;
    return address;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    address.family_ = Family::ipv6;
    if (!parse_ip(AF_INET6, host.substr(1, host.size() - 2), address.bytes_)) {
      return bad_address(text, "no IPv6 address between the brackets");
    }
    return address;
  }
  if (host.find(':') != std::string_view::npos) {
    return bad_address(text, "write an IPv6 address in brackets, as in [::1]:8080");
  }
  if (!parse_ip(AF_INET, host == "localhost" ? "127.0.0.1" : host, address.bytes_)) {
    return bad_address(text, "no IPv4 address; host names other than localhost are not looked up");
  }
  return address;
}

Address Address::from_socket(const sockaddr_storage& storage, socklen_t length) {
  Address address;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    address.port_ = ntohs(v4.sin_port);
    std::memcpy(address.bytes_.data(), &v4.sin_addr, sizeof v4.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    address.family_ = Family::ipv6;
    address.port_ = ntohs(v6.sin6_port);
    std::memcpy(address.bytes_.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  } else {
    sockaddr_un local{};
    std::memcpy(&local, &storage, std::min<std::size_t>(length, sizeof local));
    address.family_ = Family::local;
    address.path_.assign(local.sun_path, strnlen(local.sun_path, sizeof local.sun_path));
  }
  return address;
}

bool Address::is_local() const {
  constexpr std::array<std::uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::uint8_t kLoopbackNet = 127;
  switch (family_) {
    case Family::ipv4:
      return bytes_[0] == kLoopbackNet;
    case Family::ipv6:
      return bytes_ == kLoopback;
    case Family::any:
      return false;
    case Family::local:
      break;
  }
  return true;
}

Address Address::with_port(std::uint16_t port) const {
  Address other = *this;
  other.port_ = is_unix() ? std::uint16_t{0} : port;
  return other;
}

std::string Address::text() const {
  if (is_unix()) {
    return std::string(kUnixPrefix) + path_;
  }
  const std::string port = ":" + std::to_string(port_);
  if (family_ == Family::any) {
    return "*" + port;
  }
  std::array<char, INET6_ADDRSTRLEN> host{};
  const bool is_v6 = family_ == Family::ipv6;
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes_.data(), host.data(), host.size());
  return is_v6 ? "[" + std::string(host.data()) + "]" + port : host.data() + port;
}

socklen_t Address::to_socket(sockaddr_storage& storage) const {
  storage = {};
  if (family_ == Family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port_);
    std::memcpy(&v4.sin_addr, bytes_.data(), sizeof v4.sin_addr);
    std::memcpy(&storage, &v4, sizeof v4);
    return sizeof v4;
  }
  if (is_unix()) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), std::begin(local.sun_path));
    std::memcpy(&storage, &local, sizeof local);
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size() + 1);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port_);
  std::memcpy(&v6.sin6_addr, bytes_.data(), sizeof v6.sin6_addr);
  std::memcpy(&storage, &v6, sizeof v6);
  return sizeof v6;
}

Peer Peer::from_socket(const sockaddr_storage& storage) {
  Peer peer;
  peer.family_ = storage.ss_family;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    peer.port_ = ntohs(v4.sin_port);
    std::memcpy(peer.bytes_.data(), &v4.sin_addr, sizeof v4.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    peer.port_ = ntohs(v6.sin6_port);
    std::memcpy(peer.bytes_.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return peer;
}

std::string_view Peer::text(std::array<char, kMaxTextLength>& buffer) const {
  if (family_ != AF_INET && family_ != AF_INET6) {
    return "unix";
  }
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool is_mapped =
      family_ == AF_INET6 && std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
  if (is_mapped || family_ == AF_INET) {
    return write_ipv4(bytes_.data() + (is_mapped ? kMapped.size() : 0), buffer);
  }
  inet_ntop(AF_INET6, bytes_.data(), buffer.data(), static_cast<socklen_t>(buffer.size()));
  return buffer.data();
}

}  // namespace seabag::net
