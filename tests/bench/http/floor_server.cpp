// The least that any server does: epoll, recv and send, without looking at what it received.
// `floor_server PORT REQUEST_SIZE RESPONSE_SIZE` answers each REQUEST_SIZE bytes with one response.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMostTogether = 64;

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1024) != 0) {
    std::perror("floor_server");
    std::exit(1);
  }
  return listener;
}

std::string make_response(std::size_t size) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  return head + std::string(size, 'x');
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: floor_server PORT REQUEST_SIZE RESPONSE_SIZE\n", stderr);
    return 2;
  }
  const auto request_size = static_cast<std::size_t>(std::atol(argv[2]));
  const std::string response = make_response(static_cast<std::size_t>(std::atol(argv[3])));
  std::string responses;
  for (std::size_t i = 0; i < kMostTogether; ++i) {
    responses += response;
  }
  const int listener = listen_on(std::atoi(argv[1]));
  const int poller = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> events{};
  std::vector<char> buffer(64 * 1024);
  while (true) {
    const int count = epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int ready = events[static_cast<std::size_t>(i)].data.fd;
      if (ready == listener) {
        event.events = EPOLLIN | EPOLLET;
        event.data.fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        epoll_ctl(poller, EPOLL_CTL_ADD, event.data.fd, &event);
        continue;
      }
      const ssize_t received = recv(ready, buffer.data(), buffer.size(), 0);
      const std::size_t requests =
          received > 0 ? static_cast<std::size_t>(received) / request_size : 0;
      if (send(ready, responses.data(), requests * response.size(), MSG_NOSIGNAL) < 0) {
        std::perror("floor_server");
      }
    }
  }
}
