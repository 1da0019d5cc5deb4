#include "crowd.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <utility>

#include "seabag/http/response_reader.h"

namespace seabag::soak {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostIncidents = 20'000;
constexpr milliseconds kLookEvery{50};
/// Who was refused tries again after this.
constexpr milliseconds kPause{10};

std::int64_t microseconds(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

unsigned local_port(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

}  // namespace

struct Crowd::Client {
  enum class Phase : std::uint8_t { away, connecting, idle, waiting };

  net::Descriptor socket;
  Phase phase = Phase::away;
  bool is_anew = false;
  bool has_request = false;  ///< to be sent once it is connected
  Moment due;
  Moment since;  ///< of the phase
  http::ResponseReader reader{http::AnswerContent::as_told};
  std::string head;  ///< of an answer that has not come whole
};

std::uint64_t CrowdFigures::failures() const {
  return std::accumulate(failed.begin(), failed.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& kind) { return sum + kind.second; });
}

Crowd::Crowd(CrowdOptions options)
    : options_(std::move(options)),
      request_("GET " + options_.path + " HTTP/1.1\r\nHost: localhost\r\n"),
      poller_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(std::size_t{256} * 1024),
      started_(Clock::now()),
      first_due_(started_),
      looked_(started_) {
  for (unsigned i = 0; i < options_.kept + options_.anew; ++i) {
    clients_.push_back(std::make_unique<Client>());
    Client& client = *clients_.back();
    client.is_anew = i >= options_.kept;
    restart(client);
  }
}

Crowd::~Crowd() = default;

void Crowd::run(std::chrono::duration<double> time) {
  const Moment end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
  while (Clock::now() < end) {
    turn(1);
  }
}

void Crowd::finish() {
  static_cast<void>(figures());  // whose time ends here
  is_finishing_ = true;
  if (options_.rate > 0) {
    const std::chrono::duration<double> passed = Clock::now() - first_due_;
    const auto due = static_cast<std::uint64_t>(passed.count() * options_.rate);
    figures_.unsent = due > begun_ ? due - begun_ : 0;
  }
  while (under_way_ > 0) {
    turn(10);
  }
}

void Crowd::clear() {
  figures_ = {};
  started_ = Clock::now();
}

const CrowdFigures& Crowd::figures() {
  if (!is_finishing_) {
    figures_.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  }
  return figures_;
}

void Crowd::turn(int wait) {
  send_due(Clock::now());
  std::array<epoll_event, 256> events{};
  const int count = epoll_wait(poller_.get(), events.data(), static_cast<int>(events.size()), wait);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    on_event(*static_cast<Client*>(event.data.ptr), event.events);
  }
  if (const Moment now = Clock::now(); now - looked_ >= kLookEvery) {
    looked_ = now;
    look_at_times(now);
  }
}

void Crowd::send_due(Moment now) {
  for (const Moment late = now - kPause; !back_.empty() && back_.front()->since <= late;) {
    Client& client = *back_.front();
    back_.pop_front();
    if (client.phase == Client::Phase::away) {
      restart(client);
    }
  }
  while (options_.rate > 0 && !is_finishing_ && !free_.empty()) {
    const std::chrono::duration<double> offset(static_cast<double>(begun_) / options_.rate);
    const Moment due = first_due_ + std::chrono::duration_cast<Clock::duration>(offset);
    if (due > now) {
      return;
    }
    ++begun_;
    Client& client = *free_.front();
    free_.pop_front();
    begin(client, due);
  }
}

/// It has nothing to do: now, or when something is due.
void Crowd::set_free(Client& client) {
  client.phase = client.socket.is_open() ? Client::Phase::idle : Client::Phase::away;
  client.since = Clock::now();
  if (is_finishing_) {
    return;
  }
  if (options_.rate > 0) {
    free_.push_back(&client);
  } else {
    begin(client, client.since);
  }
}

void Crowd::begin(Client& client, Moment due) {
  client.due = due;
  client.has_request = true;
  ++under_way_;
  if (client.socket.is_open()) {
    send(client);
  } else {
    connect(client);
  }
}

void Crowd::connect(Client& client) {
  client.socket.reset(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  client.phase = Client::Phase::connecting;
  client.since = Clock::now();
  client.reader = http::ResponseReader(http::AnswerContent::as_told);
  client.head.clear();
  const int on = 1;
  setsockopt(client.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &client;
  epoll_ctl(poller_.get(), EPOLL_CTL_ADD, client.socket.get(), &event);
  const sockaddr_in address = loopback(options_.port);
  if (::connect(client.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
          0 &&
      errno != EINPROGRESS) {
    fail(client, errno == ECONNREFUSED ? "refused" : "connect");
  }
}

void Crowd::on_event(Client& client, std::uint32_t events) {
  if (!client.socket.is_open()) {
    return;  // closed earlier in this turn
  }
  if (client.phase == Client::Phase::connecting &&
      (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    on_connected(client);
  }
  if (client.phase != Client::Phase::connecting && client.socket.is_open() &&
      (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) {
    receive(client);
  }
}

void Crowd::on_connected(Client& client) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(client.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    fail(client, error == ECONNREFUSED ? "refused" : "connect");
    return;
  }
  ++figures_.connections;
  if (client.has_request) {
    send(client);
  } else {
    set_free(client);
  }
}

void Crowd::send(Client& client) {
  client.phase = Client::Phase::waiting;
  client.since = Clock::now();
  const std::string_view rest = client.is_anew ? "Connection: close\r\n\r\n" : "\r\n";
  const std::string bytes = request_ + std::string(rest);
  const ssize_t sent = ::send(client.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) {
    fail(client, "reset");
  }
}

void Crowd::receive(Client& client) {
  // A connection that an answer has ended may have been replaced by one that is not there yet.
  while (client.socket.is_open() && client.phase != Client::Phase::connecting) {
    const ssize_t count = recv(client.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (count <= 0) {
      on_end(client, count == 0 ? "closed" : "reset");
      return;
    }
    if (!take(client, {buffer_.data(), static_cast<std::size_t>(count)})) {
      return;
    }
  }
}

/// False when there is nothing more to read.
bool Crowd::take(Client& client, std::string_view bytes) {
  if (client.phase != Client::Phase::waiting) {
    fail(client, "malformed");  // nothing was asked
    return false;
  }
  if (!client.head.empty()) {
    client.head.append(bytes);
    bytes = client.head;
  }
  const http::ReadOutcome outcome = client.reader.read(bytes);
  if (outcome.state == http::ReadState::error ||
      (outcome.state == http::ReadState::complete && outcome.consumed != bytes.size())) {
    fail(client, "malformed");
    return false;
  }
  if (outcome.state == http::ReadState::incomplete) {
    client.head = std::string(bytes.substr(outcome.consumed));
    return true;
  }
  client.head.clear();
  on_answer(client);
  return true;
}

void Crowd::on_answer(Client& client) {
  const Moment now = Clock::now();
  const unsigned status = client.reader.status();
  Answers* const kind =
      status / 100 == 2 ? &figures_.good : (status == 503 ? &figures_.rejected : nullptr);
  const std::int64_t took = microseconds(now - client.since);
  if (kind != nullptr) {
    kind->since_sent.record(static_cast<std::uint64_t>(took));
    kind->since_due.record(static_cast<std::uint64_t>(microseconds(now - client.due)));
  } else {
    ++figures_.others;
  }
  if (now - client.due >= options_.slow && figures_.incidents.size() < kMostIncidents) {
    figures_.incidents.push_back({.at = now,
                                  .kind = "slow",
                                  .port = local_port(client.socket.get()),
                                  .took_us = microseconds(now - client.due)});
  }
  --under_way_;
  client.has_request = false;
  if (client.is_anew || !client.reader.keeps_alive()) {
    restart(client);
  } else {
    set_free(client);
  }
}

/// The connection is over.
void Crowd::on_end(Client& client, const char* kind) {
  if (client.phase != Client::Phase::waiting) {
    std::erase(free_, &client);
    restart(client);  // nobody has lost anything
    return;
  }
  if (client.reader.is_inside() && client.reader.end().state == http::ReadState::complete) {
    on_answer(client);
    return;
  }
  fail(client, kind);
}

void Crowd::fail(Client& client, const char* kind) {
  ++figures_.failed[kind];
  const Moment now = Clock::now();
  if (figures_.incidents.size() < kMostIncidents) {
    figures_.incidents.push_back({.at = now,
                                  .kind = kind,
                                  .port = local_port(client.socket.get()),
                                  .took_us = microseconds(now - client.since)});
  }
  under_way_ -= client.has_request ? 1 : 0;
  client.has_request = false;
  const bool was_connecting = client.phase == Client::Phase::connecting;
  std::erase(free_, &client);
  if (!was_connecting) {
    restart(client);
    return;
  }
  client.socket.reset();
  client.phase = Client::Phase::away;
  client.since = now;
  back_.push_back(&client);
}

/// With a connection that is open for the next request, or none for who makes one for each.
void Crowd::restart(Client& client) {
  client.socket.reset();
  client.phase = Client::Phase::away;
  if (client.is_anew) {
    set_free(client);
  } else if (!is_finishing_) {
    connect(client);
  }
}

void Crowd::look_at_times(Moment now) {
  for (const auto& client : clients_) {
    const bool is_busy =
        client->phase == Client::Phase::waiting || client->phase == Client::Phase::connecting;
    if (is_busy && now - client->since > options_.timeout) {
      fail(*client, "timed_out");
    }
  }
}

}  // namespace seabag::soak
