#include "ask.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "seabag/net/descriptor.h"

namespace seabag::bench {

std::string ask(const net::Address& address, std::string_view request) {
  sockaddr_storage storage{};
  const socklen_t length = address.to_socket(storage);
  const net::Descriptor connection(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(connection.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0 ||
      send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return {};
  }
  std::string head;
  std::array<char, 4096> buffer;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = recv(connection.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return {};
    }
    head.append(buffer.data(), static_cast<std::size_t>(count));
  }
  head.resize(head.find("\r\n\r\n") + 2);
  return head;
}

std::optional<std::string> field(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 2));
    const auto equal = [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    };
    if (line.size() > name.size() + 1 && line[name.size()] == ':' &&
        std::equal(name.begin(), name.end(), line.begin(),
                   [&](char lower, char given) { return equal(given, lower); })) {
      const std::string_view value = line.substr(name.size() + 1);
      return std::string(value.substr(std::min(value.find_first_not_of(' '), value.size())));
    }
  }
  return std::nullopt;
}

}  // namespace seabag::bench
