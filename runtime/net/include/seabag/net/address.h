#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::net {

/// Where a server listens. An immutable value; names are never looked up, so parsing needs neither
/// the network nor NSS.
class Address {
 public:
  enum class Family : std::uint8_t {
    ipv4,
    ipv6,
    any,    ///< every interface: IPv6 and IPv4 on one socket, or IPv4 where there is no IPv6
    local,  ///< a socket in the file system
  };

  /// Reads `ADDR:PORT`, `[V6]:PORT`, `localhost:PORT` (127.0.0.1), `:PORT` or `*:PORT` (every
  /// interface), `unix:PATH`. Port 0 asks the kernel for a free one. Errors: EINVAL with the cause,
  /// ENAMETOOLONG for a socket path over 107 bytes.
  [[nodiscard]] static Result<Address> parse(std::string_view text);

  /// From what the kernel tells, such as getsockname(2).
  [[nodiscard]] static Address from_socket(const sockaddr_storage& storage, socklen_t length);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] bool is_unix() const { return family_ == Family::local; }
  /// Whether only this machine reaches it: 127.0.0.0/8, ::1 and unix sockets.
  [[nodiscard]] bool is_local() const;
  /// 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The path of a unix socket, otherwise empty.
  [[nodiscard]] const std::string& path() const { return path_; }

  /// The same address with another port; a unix address stays as it is.
  [[nodiscard]] Address with_port(std::uint16_t port) const;

  /// As `parse` reads it: `127.0.0.1:8080`, `[::1]:8080`, `*:8080`, `unix:/run/app.sock`.
  [[nodiscard]] std::string text() const;

  /// Fills in the form for bind(2) and connect(2) and returns its length. `any` becomes `[::]`.
  socklen_t to_socket(sockaddr_storage& storage) const;

 private:
  Family family_ = Family::ipv4;
  std::uint16_t port_ = 0;
  std::array<std::uint8_t, 16> bytes_{};  ///< network order; IPv4 uses the first four
  std::string path_;
};

/// Who is at the other end of a connection: kept small, because every connection has one. A value.
class Peer {
 public:
  Peer() = default;
  static Peer from_socket(const sockaddr_storage& storage);

  /// Longest text of an address without its port.
  static constexpr std::size_t kMaxTextLength = INET6_ADDRSTRLEN;
  /// Writes the address without port into `buffer`; `unix` for a local socket. An IPv4 client of an
  /// IPv6 socket shows as IPv4. The view is into `buffer` or static.
  [[nodiscard]] std::string_view text(std::array<char, kMaxTextLength>& buffer) const;

  /// 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// The address in network order, an IPv4 one in the first four bytes: the same for all
  /// connections of one client.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

 private:
  sa_family_t family_ = AF_UNIX;
  std::uint16_t port_ = 0;
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace seabag::net
