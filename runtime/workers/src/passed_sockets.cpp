#include "seabag/workers/passed_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace seabag::workers {
namespace {

/// SD_LISTEN_FDS_START.
constexpr int kFirst = 3;
constexpr int kMost = 4096;

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

Error refused(const char* variable, const std::string& value, const char* why) {
  return make_error(std::errc::invalid_argument, "listen", std::string(variable) + "=" + value,
                    why);
}

std::vector<std::string> split_at_colons(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t colon = text.find(':');
    parts.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(colon + 1);
  }
}

Result<std::vector<std::string>> names_of(const Environment& environment, int count) {
  const auto text = environment("LISTEN_FDNAMES");
  if (!text || count == 0) {
    return std::vector<std::string>(static_cast<std::size_t>(count));
  }
  std::vector<std::string> names = split_at_colons(*text);
  if (names.size() != static_cast<std::size_t>(count)) {
    return refused("LISTEN_FDNAMES", *text, "there must be as many names as LISTEN_FDS says");
  }
  return names;
}

Result<net::Descriptor> predecessor_of(const Environment& environment) {
  const auto text = environment("SEABAG_UPGRADE");
  if (!text) {
    return net::Descriptor();
  }
  const auto number = number_in(*text);
  if (!number || *number < kFirst || fcntl(*number, F_SETFD, FD_CLOEXEC) != 0) {
    return refused("SEABAG_UPGRADE", *text, "no open descriptor");
  }
  return net::Descriptor(*number);
}

template <typename Matches>
std::vector<PassedSockets::Socket> take_from(std::vector<PassedSockets::Socket>& sockets,
                                             const Matches& matches) {
  std::vector<PassedSockets::Socket> found;
  std::vector<PassedSockets::Socket> others;
  for (PassedSockets::Socket& socket : sockets) {
    (matches(socket) ? found : others).push_back(std::move(socket));
  }
  sockets = std::move(others);
  return found;
}

}  // namespace

std::vector<PassedSockets::Socket> PassedSockets::take(const net::Address& address) {
  return take_from(sockets, [&](const Socket& socket) { return socket.listener.is_at(address); });
}

std::vector<PassedSockets::Socket> PassedSockets::take_named(std::string_view name) {
  return take_from(sockets, [&](const Socket& socket) { return socket.name == name; });
}

Result<PassedSockets> take_passed_sockets(const Environment& environment) {
  PassedSockets passed;
  const auto process = environment("LISTEN_PID");
  const auto count_text = environment("LISTEN_FDS");
  if (!process || !count_text || number_in(*process) != getpid()) {
    return passed;
  }
  const auto count = number_in(*count_text);
  if (!count || *count < 0 || *count > kMost) {
    return refused("LISTEN_FDS", *count_text, "expected a number of descriptors");
  }
  const auto names = SEABAG_TRY(names_of(environment, *count));
  passed.predecessor = SEABAG_TRY(predecessor_of(environment));
  for (int i = 0; i < *count; ++i) {
    auto listener = net::Listener::adopt(net::Descriptor(kFirst + i));
    if (!listener) {
      return with_path(std::move(listener).error(),
                       "descriptor " + std::to_string(kFirst + i) + " of LISTEN_FDS");
    }
    passed.sockets.push_back({std::move(*listener), names[static_cast<std::size_t>(i)]});
  }
  return passed;
}

}  // namespace seabag::workers
