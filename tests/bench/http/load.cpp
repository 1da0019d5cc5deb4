#include "load.h"

#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "seabag/net/descriptor.h"

namespace seabag::bench {
namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kLengthName = "\r\ncontent-length: ";

std::size_t find_ignoring_case(std::string_view text, std::string_view part) {
  const auto equal = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  const auto found = std::search(text.begin(), text.end(), part.begin(), part.end(), equal);
  return found == text.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - text.begin());
}

}  // namespace

struct Load::Client {
  net::Descriptor socket;
  std::string head;           ///< an answer's head that has not come whole
  std::uint64_t content = 0;  ///< bytes that are still to come
  unsigned missing = 0;       ///< answers of this batch
  std::size_t next = 0;       ///< batch
};

Load::Load(LoadOptions options)
    : options_(std::move(options)),
      good_("HTTP/1.1 " + std::to_string(options_.status) + " "),
      buffer_(256 * 1024),
      poller_(epoll_create1(EPOLL_CLOEXEC)) {
  const std::vector<std::string>& requests = options_.requests;
  for (std::size_t first = 0; first < requests.size(); ++first) {
    std::string& batch = batches_.emplace_back();
    for (unsigned i = 0; i < options_.depth; ++i) {
      batch += requests[(first + i) % requests.size()];
    }
  }
  if (batches_.empty()) {
    batches_.emplace_back();  // connections that say nothing
  }
  for (unsigned i = 0; i < options_.connections && error_.empty(); ++i) {
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->next = i % batches_.size();
    if (connect(*clients_.back())) {
      send_batch(*clients_.back());
    }
  }
}

bool Load::connect(Client& client) {
  sockaddr_storage storage{};
  const socklen_t length = options_.address.to_socket(storage);
  client.socket.reset(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(client.socket.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    fail(std::string("connect: ") + std::strerror(errno));
    return false;
  }
  const int on = 1;
  setsockopt(client.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = &client;
  epoll_ctl(poller_, EPOLL_CTL_ADD, client.socket.get(), &event);
  return true;
}

Load::~Load() {
  clients_.clear();
  net::Descriptor closing(poller_);
}

void Load::fail(std::string cause) {
  if (error_.empty()) {
    error_ = std::move(cause);
  }
}

LoadFigures Load::run(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const std::uint64_t before = answers_;
  std::chrono::duration<double> elapsed{};
  std::array<epoll_event, 256> events{};
  while (error_.empty() && elapsed.count() < seconds) {
    const int count = epoll_wait(poller_, events.data(), static_cast<int>(events.size()), 2'000);
    if (count == 0) {
      fail("no answer for two seconds");
    }
    for (int i = 0; i < count && error_.empty(); ++i) {
      receive(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    elapsed = Clock::now() - begin;
  }
  return {.answers = answers_ - before, .seconds = elapsed.count(), .error = error_};
}

void Load::send_batch(Client& client) {
  client.missing = options_.depth;
  const std::string& batch = batches_[client.next];
  client.next = (client.next + options_.depth) % batches_.size();
  const ssize_t sent = send(client.socket.get(), batch.data(), batch.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(batch.size())) {
    fail(std::string("send: ") + std::strerror(errno));
  }
}

void Load::receive(Client& client) {
  ssize_t count = 0;
  do {
    count = recv(client.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count == 0) {
      fail("the server closed a connection");
    } else if (count < 0 && errno != EAGAIN) {
      fail(std::string("recv: ") + std::strerror(errno));
    } else if (count > 0) {
      take(client, {buffer_.data(), static_cast<std::size_t>(count)});
    }
  } while (count == static_cast<ssize_t>(buffer_.size()) && error_.empty());
}

void Load::take(Client& client, std::string_view bytes) {
  while (error_.empty()) {
    if (client.content == 0 && !take_head(client, bytes)) {
      return;
    }
    const std::uint64_t part = std::min<std::uint64_t>(client.content, bytes.size());
    bytes.remove_prefix(static_cast<std::size_t>(part));
    client.content -= part;
    if (client.content > 0) {
      return;
    }
    ++answers_;
    if (--client.missing == 0) {
      if (!bytes.empty()) {
        fail("more answers than requests");
      }
      if (!options_.connects_anew || connect(client)) {
        send_batch(client);
      }
      return;
    }
  }
}

/// Takes a head off `bytes`; false when more of it is to come.
bool Load::take_head(Client& client, std::string_view& bytes) {
  if (client.head.empty() && bytes.size() >= known_head_.size() && !known_head_.empty() &&
      check_head(bytes.substr(0, known_head_.size()))) {
    bytes.remove_prefix(known_head_.size());
    client.content = options_.has_content ? options_.length : 0;
    return true;
  }
  const std::size_t before = client.head.size();
  client.head.append(bytes.substr(0, kMaxHead));
  const std::size_t end = client.head.find(kEndOfHead);
  if (end == std::string::npos) {
    bytes = {};
    return false;
  }
  client.head.resize(end + kEndOfHead.size());
  bytes.remove_prefix(client.head.size() - before);
  const std::size_t name = find_ignoring_case(client.head, kLengthName);
  known_head_ = client.head;
  length_offset_ = name == std::string_view::npos ? 0 : name + kLengthName.size();
  length_size_ = client.head.find('\r', length_offset_) - length_offset_;
  if (!check_head(client.head)) {
    fail("a wrong answer:\n" + client.head);
  }
  client.head.clear();
  client.content = options_.has_content ? options_.length : 0;
  return true;
}

bool Load::check_head(std::string_view head) {
  return head.starts_with(good_) && head.ends_with(kEndOfHead) &&
         (!options_.has_content ||
          (length_offset_ != 0 &&
           head.substr(length_offset_, length_size_) == std::to_string(options_.length)));
}

}  // namespace seabag::bench
