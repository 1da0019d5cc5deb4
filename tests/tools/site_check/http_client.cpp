#include "http_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>

namespace seabag::site_check {

namespace {

Error senseless(std::string detail) {
  return make_error(std::errc::protocol_error, "receive", {}, std::move(detail));
}

}  // namespace

std::string_view Reply::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

Result<HttpClient> HttpClient::connect(const net::Address& address) {
  sockaddr_storage storage{};
  const socklen_t length = address.to_socket(storage);
  net::Descriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open() ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    return errno_error(errno, "connect", address.text());
  }
  return HttpClient(std::move(socket));
}

Result<Reply> HttpClient::ask(std::string_view method, std::string_view target,
                              std::string_view fields) {
  std::string request;
  request.append(method).append(" ").append(target);
  request.append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields).append("\r\n");
  SEABAG_TRY(send(request));
  Reply reply = SEABAG_TRY(receive_head());
  const bool has_body = method != "HEAD" && reply.status != 304 && reply.status != 204;
  if (!has_body) {
    return reply;
  }
  const std::string_view length_text = reply.field("content-length");
  std::size_t length = 0;
  const auto [end, problem] =
      std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  if (problem != std::errc() || end != length_text.data() + length_text.size()) {
    return senseless("no Content-Length");
  }
  while (received_.size() < length) {
    SEABAG_TRY(receive_more());
  }
  reply.body = received_.substr(0, length);
  received_.erase(0, length);
  return reply;
}

Result<void> HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return errno_error(errno, "send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<void> HttpClient::receive_more() {
  std::array<char, 65536> buffer{};
  const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0) {
    return errno_error(errno, "receive");
  }
  if (count == 0) {
    return senseless("the connection ended in the middle of an answer");
  }
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return {};
}

Result<Reply> HttpClient::receive_head() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    SEABAG_TRY(receive_more());
  }
  const std::string head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!head.starts_with(kVersion) || head.size() < kVersion.size() + 3) {
    return senseless("not an HTTP/1.1 answer");
  }
  Reply reply;
  const char* status = head.data() + kVersion.size();
  if (std::from_chars(status, status + 3, reply.status).ptr != status + 3) {
    return senseless("no status");
  }
  for (std::size_t start = head.find("\r\n") + 2; start < head.size();) {
    const std::size_t line_end = head.find("\r\n", start);
    const std::string line = head.substr(start, line_end - start);
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      return senseless("a field without a colon: " + line);
    }
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (!reply.fields.emplace(name, line.substr(colon + 2)).second && name != "set-cookie") {
      return senseless("twice the field " + name);
    }
    start = line_end + 2;
  }
  return reply;
}

}  // namespace seabag::site_check
