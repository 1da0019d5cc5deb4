#include "seabag/top/fetch.h"

#include <sys/time.h>

#include <array>
#include <cerrno>
#include <utility>

#include "seabag/load/url.h"
#include "seabag/net/address.h"
#include "seabag/net/descriptor.h"

namespace seabag::top {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t kLargest = std::size_t{16} * 1024 * 1024;

Error no_status(const Target& target, std::string detail) {
  return make_error(std::errc::protocol_error, "read", target.host, std::move(detail));
}

Error failure(const char* operation, const Target& target) {
  const int number = errno == EAGAIN || errno == EINPROGRESS ? ETIMEDOUT : errno;
  return errno_error(number, operation, target.host);
}

Result<net::Descriptor> connect_to(const Target& target) {
  net::Descriptor socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return failure("socket", target);
  }
  // Without these limits it only takes longer.
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.size) != 0) {
    return failure("connect", target);
  }
  return socket;
}

Result<std::string> receive_all(int socket, const Target& target) {
  std::string answer;
  std::array<char, 64 * 1024> part;  // written before it is read
  while (true) {
    const ssize_t count = recv(socket, part.data(), part.size(), 0);
    if (count < 0 && errno != EINTR) {
      return failure("read", target);
    }
    if (count == 0) {
      return answer;
    }
    answer.append(part.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (answer.size() > kLargest) {
      return no_status(target, "the answer does not end");
    }
  }
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  Target target;
  if (text.starts_with("http://")) {
    const load::Url url = SEABAG_TRY(load::parse_url(text));
    const load::Endpoint endpoint = SEABAG_TRY(load::resolve(url));
    return Target{.address = endpoint.storage, .size = endpoint.size, .host = url.authority};
  }
  const auto address = net::Address::parse(text);
  if (!address) {
    return make_error(std::errc::invalid_argument, "top", text,
                      "give the address of --admin: http://HOST:PORT, HOST:PORT or unix:PATH");
  }
  target.size = address->to_socket(target.address);
  target.host = address->is_unix() ? "localhost" : address->text();
  return target;
}

Result<std::string> fetch_status(const Target& target) {
  constexpr std::string_view kStatusLine = "HTTP/1.1 ";
  const net::Descriptor socket = SEABAG_TRY(connect_to(target));
  const std::string request = "GET /status.json HTTP/1.1\r\nHost: " + target.host +
                              "\r\nConnection: close\r\nAccept: application/json\r\n\r\n";
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return failure("write", target);
  }
  std::string answer = SEABAG_TRY(receive_all(socket.get(), target));
  const std::size_t head = answer.find("\r\n\r\n");
  if (!answer.starts_with(kStatusLine) || head == std::string::npos) {
    return no_status(target, "what answers there speaks no HTTP");
  }
  const std::string status = answer.substr(kStatusLine.size(), 3);
  if (status != "200") {
    return no_status(target,
                     "answers " + status + " to /status.json: is it the address of --admin?");
  }
  return answer.substr(head + 4);
}

}  // namespace seabag::top
