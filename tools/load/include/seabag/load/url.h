#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::load {

enum class Scheme : std::uint8_t { http, https };

/// What is to be asked, and of whom (RFC 3986, RFC 9110 §4.2).
struct Url {
  Scheme scheme = Scheme::http;
  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 80;
  std::string authority;  ///< host and port as they were written, for the Host field
  std::string target;     ///< path and query, at least `/`
};

/// Reads `http://HOST[:PORT][/PATH][?QUERY]`; a fragment is dropped, as every client does. Errors:
/// EINVAL with the cause, for user information and for anything that could not be sent as it is
/// (white space, controls, bytes over 127) too.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// Where a connection goes.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  /// `127.0.0.1:8080`, `[::1]:8080`.
  [[nodiscard]] std::string text() const;
};

/// Looks the host up, once, and takes the first of its addresses that a socket can be connected
/// from here, judged by the routes alone. May wait for a name server. Errors: ENOENT when the name
/// is not known, EAGAIN when nobody can be asked, ENETUNREACH.
[[nodiscard]] Result<Endpoint> resolve(const Url& url);

/// Whether the endpoint is an address of this machine.
[[nodiscard]] bool is_local(const Endpoint& endpoint);

}  // namespace seabag::load
