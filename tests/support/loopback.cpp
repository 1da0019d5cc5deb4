#include "support/loopback.h"

#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "support/catch.h"

namespace seabag::test {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

bool equal_names(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Reply parse_head(std::string_view head) {
  Reply reply;
  REQUIRE(head.starts_with("HTTP/1.1 "));
  std::size_t end = head.find("\r\n");
  reply.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  reply.reason = head.substr(13, end - 13);
  while (end + 2 < head.size()) {
    const std::size_t start = end + 2;
    end = head.find("\r\n", start);
    const std::string_view line = head.substr(start, end - start);
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != std::string_view::npos);
    reply.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return reply;
}

}  // namespace

std::optional<std::string> Reply::field(std::string_view name) const {
  std::optional<std::string> value;
  for (const auto& [field_name, field_value] : fields) {
    if (equal_names(field_name, name)) {
      INFO(name << " occurs twice");
      REQUIRE_FALSE(value);
      value = field_value;
    }
  }
  return value;
}

Loopback::Loopback(const net::Address& address, int receive_space) {
  sockaddr_storage storage{};
  const socklen_t length = address.to_socket(storage);
  socket_.reset(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(socket_.is_open());
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (receive_space != 0) {
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_space, sizeof receive_space);
  }
  INFO("connecting to " << address.text() << ": " << strerror(errno));
  REQUIRE(connect(socket_.get(), reinterpret_cast<sockaddr*>(&storage), length) == 0);
}

void Loopback::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    INFO("send: " << strerror(errno));
    REQUIRE(sent > 0);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t Loopback::send_some(std::string_view bytes) {
  const ssize_t sent =
      ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void Loopback::finish_sending() { REQUIRE(shutdown(socket_.get(), SHUT_WR) == 0); }

bool Loopback::receive_more() {
  char buffer[65536];
  const ssize_t count = recv(socket_.get(), buffer, sizeof buffer, 0);
  INFO("recv: " << strerror(errno) << ", so far: " << received_.substr(0, 2000));
  REQUIRE((count >= 0 || errno == ECONNRESET));
  if (count <= 0) {
    return false;
  }
  received_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

std::string Loopback::receive(std::size_t size) {
  while (received_.size() < size && receive_more()) {
  }
  std::string bytes = received_.substr(0, size);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string Loopback::receive_all() {
  while (receive_more()) {
  }
  return std::exchange(received_, {});
}

Reply Loopback::receive_reply(ReplyBody body) {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    INFO("the connection ended within a head: " << received_);
    REQUIRE(receive_more());
  }
  Reply reply = parse_head(std::string_view(received_).substr(0, end + 2));
  received_.erase(0, end + 4);
  if (body == ReplyBody::none || reply.status == 304 || reply.status == 204 || reply.status < 200) {
    return reply;
  }
  if (const auto length = reply.field("Content-Length")) {
    const std::size_t size = std::strtoull(length->c_str(), nullptr, 10);
    reply.body = receive(size);
    REQUIRE(reply.body.size() == size);
  } else if (reply.field("Transfer-Encoding") == "chunked") {
    reply.body = receive_chunks();
  } else {
    reply.body = receive_all();
  }
  return reply;
}

std::string Loopback::receive_chunks() {
  std::string body;
  while (true) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n")) == std::string::npos) {
      REQUIRE(receive_more());
    }
    const std::size_t size = std::strtoull(received_.c_str(), nullptr, 16);
    received_.erase(0, end + 2);
    const std::string chunk = receive(size + 2);
    REQUIRE(chunk.size() == size + 2);
    body.append(chunk, 0, size);
    if (size == 0) {
      return body;
    }
  }
}

Reply Loopback::ask(std::string_view request, ReplyBody body) {
  send(request);
  return receive_reply(body);
}

bool Loopback::is_ended() {
  while (receive_more()) {
  }
  return true;
}

void Loopback::abort() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket_.reset();
}

SocketDirectory::SocketDirectory() : path_("/tmp/seabag-XXXXXX") {
  REQUIRE(mkdtemp(path_.data()) != nullptr);
}

SocketDirectory::~SocketDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace seabag::test
