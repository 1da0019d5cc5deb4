#include "listening.h"

#include <cstdint>
#include <string_view>
#include <utility>

namespace seabag::app {
namespace {

using Passed = workers::PassedSockets;

Result<Listening> listen_at(const ListeningOptions& options, const server::ListenAddress& at,
                            std::vector<Passed::Socket> passed) {
  const server::Scheme scheme = options.settings.scheme_of(at);
  const net::Spreading spreading = options.settings.accept.value_or(net::Spreading::hashed);
  if (passed.empty()) {
    return Listening{
        .scheme = scheme,
        .group = SEABAG_TRY(net::ListenerGroup::open(at.address, options.workers, spreading)),
        .name = workers::kOwnSocketName};
  }
  const std::string name = passed.front().name;
  std::vector<net::Listener> sockets;
  for (Passed::Socket& socket : passed) {
    sockets.push_back(std::move(socket.listener));
  }
  const auto ownership =
      name == workers::kOwnSocketName ? net::FileOwnership::ours : net::FileOwnership::others;
  return Listening{.scheme = scheme,
                   .group = SEABAG_TRY(net::ListenerGroup::adopt(
                       std::move(sockets), options.workers, spreading, ownership)),
                   .name = name};
}

/// Where plain HTTP is sent on to the first address that speaks HTTPS.
Result<void> add_redirects(const ListeningOptions& options, Passed& passed,
                           std::vector<Listening>& listeners) {
  std::uint16_t port = 0;
  for (const Listening& one : listeners) {
    const bool is_secure = one.scheme == server::Scheme::https;
    port = port == 0 && is_secure ? one.group.address().port() : port;
  }
  for (const net::Address& address : options.settings.tls.redirect) {
    const server::ListenAddress at{.address = address, .scheme = server::Scheme::http};
    listeners.push_back(SEABAG_TRY(listen_at(options, at, passed.take(address))));
    listeners.back().redirect = server::SecureRedirect{
        .port = port,
        .is_ours = [tls = options.tls](std::string_view host) { return tls->is_for(host); }};
  }
  return {};
}

}  // namespace

Result<std::vector<Listening>> open_listeners(const ListeningOptions& options, Passed& passed) {
  const server::Config& settings = options.settings;
  std::vector<Listening> listeners;
  if (!settings.is_default_address || passed.sockets.empty() || passed.predecessor.is_open()) {
    for (const server::ListenAddress& at : settings.listen) {
      listeners.push_back(SEABAG_TRY(listen_at(options, at, passed.take(at.address))));
    }
  }
  SEABAG_TRY(add_redirects(options, passed, listeners));
  // What systemd listens on is meant to be served; what a predecessor did is over when the settings
  // do not name it any more.
  while (!passed.sockets.empty() && !passed.predecessor.is_open()) {
    server::ListenAddress at{.address = passed.sockets.front().listener.address()};
    const std::string& name = passed.sockets.front().name;
    if (name == "http" || (name == "https" && options.tls != nullptr)) {
      at.scheme = name == "http" ? server::Scheme::http : server::Scheme::https;
    }
    listeners.push_back(SEABAG_TRY(listen_at(options, at, passed.take(at.address))));
  }
  return listeners;
}

std::string url_of(server::Scheme scheme, const net::Address& address) {
  if (address.is_unix()) {
    return address.text();
  }
  const std::string text = address.text();
  // Every interface has no name that a browser understands; this machine's own does.
  const char* const prefix = scheme == server::Scheme::https ? "https://" : "http://";
  return prefix + (text.starts_with('*') ? "localhost" + text.substr(1) : text);
}

}  // namespace seabag::app
