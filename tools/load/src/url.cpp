#include "seabag/load/url.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include "seabag/net/address.h"
#include "seabag/net/descriptor.h"

namespace seabag::load {

namespace {

Error bad_url(std::string_view text, std::string detail) {
  return make_error(std::errc::invalid_argument, "url", text, std::move(detail));
}

bool is_sendable(char c) { return c > ' ' && c < '\x7f'; }

bool is_host_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_';
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// Takes the scheme off.
Result<Scheme> take_scheme(std::string_view text, std::string_view& rest) {
  const auto starts = [&](std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  };
  for (const auto& [prefix, scheme] : {std::pair<std::string_view, Scheme>("http://", Scheme::http),
                                       {"https://", Scheme::https}}) {
    if (starts(prefix)) {
      rest = text.substr(prefix.size());
      return scheme;
    }
  }
  return bad_url(text, "expected http://HOST[:PORT][/PATH]");
}

// Reads `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT`.
Result<void> take_authority(std::string_view text, std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return bad_url(text, "user names are not sent: use --header 'Authorization: ...'");
  }
  url.authority = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    url.host = authority.substr(1, end == std::string_view::npos ? end : end - 1);
    if (end == std::string_view::npos || !is_ipv6(url.host)) {
      return bad_url(text, "no IPv6 address between brackets");
    }
    port = authority.substr(end + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    port = authority.substr(url.host.size());
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_host_char)) {
      return bad_url(text, "no host name");
    }
  }
  if (port.empty()) {
    url.port = url.scheme == Scheme::https ? 443 : 80;
    return {};
  }
  const char* const end = port.data() + port.size();
  const auto [last, code] = std::from_chars(port.data() + 1, end, url.port);
  if (port.front() != ':' || code != std::errc{} || last != end || url.port == 0) {
    return bad_url(text, "the port must be a number from 1 to 65535");
  }
  return {};
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

Error lookup_error(int code, const std::string& host) {
  const auto condition = code == EAI_AGAIN ? std::errc::resource_unavailable_try_again
                                           : std::errc::no_such_file_or_directory;
  return make_error(condition, "look up", host, gai_strerror(code));
}

// Connecting a datagram socket sends nothing: it only asks for a route.
net::Descriptor routed_socket(const Endpoint& endpoint) {
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.storage);
  net::Descriptor socket(::socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.is_open() && connect(socket.get(), address, endpoint.size) != 0) {
    socket.reset();
  }
  return socket;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_sendable)) {
    return bad_url(text, "white space, controls and other than ASCII must be percent-encoded");
  }
  Url url;
  std::string_view rest;
  url.scheme = SEABAG_TRY(take_scheme(text, rest));
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  SEABAG_TRY(take_authority(text, rest.substr(0, end), url));
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) {
    url.target.insert(0, "/");
  }
  return url;
}

Result<Endpoint> resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  if (code != 0) {
    return lookup_error(code, url.host);
  }
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    Endpoint endpoint;
    if (one->ai_addrlen > sizeof endpoint.storage) {
      continue;
    }
    std::memcpy(&endpoint.storage, one->ai_addr, one->ai_addrlen);
    endpoint.size = one->ai_addrlen;
    if (routed_socket(endpoint).is_open()) {
      return endpoint;
    }
  }
  return make_error(std::errc::network_unreachable, "connect", url.authority);
}

std::string Endpoint::text() const { return net::Address::from_socket(storage, size).text(); }

bool is_local(const Endpoint& endpoint) {
  const net::Descriptor socket = routed_socket(endpoint);
  Endpoint own{.storage = {}, .size = sizeof(sockaddr_storage)};
  if (!socket.is_open() ||
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own.storage), &own.size) != 0) {
    return false;
  }
  const auto host_of = [](const Endpoint& one) {
    return net::Address::from_socket(one.storage, one.size).with_port(1).text();
  };
  return host_of(own) == host_of(endpoint) || endpoint.text().starts_with("127.");
}

}  // namespace seabag::load
