#include "connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "seabag/net/descriptor.h"

namespace seabag::load {

namespace {

// Between attempts to reach a server that does not answer.
constexpr net::Milliseconds kPause = 100;

// Non-blocking, and under way already; or errno.
net::Descriptor begin_connecting(const Endpoint& endpoint) {
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.storage);
  net::Descriptor socket(
      ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return socket;
  }
  const int on = 1;
  // Fails only for what is no TCP socket, which needs it not.
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket.get(), address, endpoint.size) != 0 && errno != EINPROGRESS) {
    const int number = errno;
    socket.reset();
    errno = number;
  }
  return socket;
}

}  // namespace

Error to_error(const Failure& failure, const std::string& authority) {
  switch (failure.kind) {
    case FailureKind::connect:
      return errno_error(failure.number, "connect", authority);
    case FailureKind::closed:
      return failure.number != 0
                 ? errno_error(failure.number, "ask", authority)
                 : make_error(std::errc::connection_reset, "ask", authority, failure.reason);
    case FailureKind::malformed:
      return make_error(std::errc::protocol_error, "ask", authority, failure.reason);
    case FailureKind::timed_out:
      break;
  }
  return make_error(std::errc::timed_out, "ask", authority, failure.reason);
}

Connection::Connection(const Surroundings& surroundings, std::unique_ptr<Protocol> protocol)
    : surroundings_(surroundings), protocol_(std::move(protocol)), timer_(*this) {}

Connection::~Connection() { surroundings_.loop.forget(*this); }

void Connection::open() {
  is_connected_ = false;
  net::Descriptor socket = begin_connecting(surroundings_.endpoint);
  if (!socket.is_open()) {
    lose({.kind = FailureKind::connect, .number = errno});
    return;
  }
  surroundings_.dispatcher.on_opened();
  stream_.emplace(surroundings_.loop, std::move(socket), static_cast<net::Watcher&>(*this));
  if (const Result<void> started = stream_->start(); !started) {
    lose({.kind = FailureKind::connect, .number = started.error().code.value()});
    return;
  }
  fill();
}

void Connection::give(Moment start) {
  protocol_->begin(start);
  keep_waiting();
  if (flush() && protocol_->room() != 0) {
    surroundings_.dispatcher.on_free(*this);
  }
}

void Connection::on_ready(net::Readiness readiness) {
  surroundings_.dispatcher.on_wakeup();
  if (!stream_) {
    open();
    return;
  }
  is_connected_ = is_connected_ || (readiness.output && !readiness.ending);
  if (protocol_->has_output() && !flush()) {
    return;
  }
  if ((readiness.input || readiness.ending) && !receive(readiness)) {
    return;
  }
  fill();
}

// Gives all the work there is to the server. False when the connection is gone.
void Connection::fill() {
  bool has_begun = false;
  while (protocol_->room() != 0) {
    const std::optional<Moment> start = surroundings_.dispatcher.next_start();
    if (!start) {
      break;
    }
    protocol_->begin(*start);
    has_begun = true;
  }
  if (has_begun) {
    keep_waiting();
    if (!flush()) {
      return;
    }
  }
  if (protocol_->room() != 0) {
    surroundings_.dispatcher.on_free(*this);
  }
}

bool Connection::flush() {
  const net::TransferState state = protocol_->send(*stream_);
  if (state == net::TransferState::failed) {
    const int number = errno;
    if (!is_connected_) {
      return lose({.kind = FailureKind::connect, .number = number});
    }
    // The server may have said why it has closed before it did.
    return receive({.input = true, .output = false, .ending = true}) &&
           lose({.kind = FailureKind::closed, .number = number});
  }
  is_connected_ = is_connected_ || state == net::TransferState::complete;
  return true;
}

// Reads what is there. False when the connection is gone.
bool Connection::receive(net::Readiness readiness) {
  while (true) {
    const net::Transfer transfer = stream_->receive(surroundings_.space);
    const int number = errno;
    if (transfer.bytes != 0) {
      is_connected_ = true;
      losses_ = 0;
      keep_waiting();
      surroundings_.dispatcher.on_received(transfer.bytes);
      const std::string_view bytes(surroundings_.space.data(), transfer.bytes);
      if (!judge(protocol_->receive(bytes, surroundings_.dispatcher))) {
        return false;
      }
    }
    if (transfer.state == net::TransferState::end) {
      return judge(protocol_->end(surroundings_.dispatcher));
    }
    if (transfer.state == net::TransferState::failed) {
      return lose(
          {.kind = is_connected_ ? FailureKind::closed : FailureKind::connect, .number = number});
    }
    const bool may_have_more =
        transfer.state == net::TransferState::complete || (readiness.ending && transfer.bytes != 0);
    if (!may_have_more) {
      return true;
    }
  }
}

// False when the connection is gone.
bool Connection::judge(const Judgement& judgement) {
  switch (judgement.fate) {
    case Fate::goes_on:
      return true;
    case Fate::ends: {
      const std::vector<Moment> starts = protocol_->open_requests();
      stream_.reset();
      protocol_->reset();
      surroundings_.dispatcher.on_returned(starts);
      open_again();
      return false;
    }
    case Fate::breaks:
      return lose({.kind = FailureKind::closed, .number = 0, .reason = judgement.reason});
    case Fate::fails:
      break;
  }
  return lose({.kind = FailureKind::malformed, .number = 0, .reason = judgement.reason});
}

// Always false: the connection is gone.
bool Connection::lose(const Failure& failure) {
  const std::vector<Moment> starts = protocol_->open_requests();
  stream_.reset();
  protocol_->reset();
  ++losses_;
  surroundings_.dispatcher.on_failure(failure, starts);
  open_again();
  return false;
}

// In the next turn, so that a server that closes at once cannot keep this one for ever; later when
// that did not help.
void Connection::open_again() {
  if (losses_ > 1) {
    surroundings_.loop.timers().set(timer_, surroundings_.loop.now() + kPause);
  } else {
    timer_.cancel();
    surroundings_.loop.call_again(*this);
  }
}

void Connection::keep_waiting() {
  surroundings_.loop.timers().set(timer_, surroundings_.loop.now() + surroundings_.timeout);
}

void Connection::on_timer(net::Timer& /*timer*/) {
  surroundings_.dispatcher.on_wakeup();
  if (!stream_) {
    open();
  } else if (!protocol_->is_idle()) {
    lose({.kind = FailureKind::timed_out, .number = 0, .reason = "no answer came"});
  }
}

}  // namespace seabag::load
