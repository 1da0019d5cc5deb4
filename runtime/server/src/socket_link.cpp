#include "socket_link.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace seabag::server {
namespace {

using websocket::CloseCode;
using websocket::Event;

/// A payload goes in parts of this size, so that each client has little of it on its way.
constexpr std::size_t kPart = Reply::kAhead;

}  // namespace

SocketLink::SocketLink(std::shared_ptr<const SocketRoute> route, Ends ends,
                       const websocket::Handshake& handshake)
    : route_(std::move(route)),
      reply_(std::move(ends.reply)),
      upload_(std::move(ends.upload)),
      protocol_(handshake.protocol),
      session_(route_->options.limits, handshake.deflate) {}

void SocketLink::start(const Request& request) {
  const std::shared_ptr<SocketLink> self = shared_from_this();
  guarded([&] {
    if (route_->handlers.on_open) {
      route_->handlers.on_open(Socket(self), request);
    }
  });
  reply_.on_drained([self] { self->on_drained(); });
  reply_.on_closed([self] { self->on_lost(); });
  upload_.on_end([self](UploadEnd) { self->on_lost(); });
  upload_.on_drain([self] { self->close(CloseCode::going_away, "the server stops"); });
  if (route_->options.ping_after.count() > 0 && is_open()) {
    listen_for_silence(route_->options.ping_after);
  }
  upload_.on_part([self](std::string_view bytes) { self->take(bytes); });
}

void SocketLink::take(std::string_view bytes) {
  const WorkspacePool::Loan workspace(route_->workspaces);
  if (std::exchange(is_asked_, false)) {
    listen_for_silence(route_->options.ping_after);
  }
  while (true) {
    Event event;
    {
      const std::lock_guard lock(mutex_);
      event = session_.take(bytes, *workspace);
      put_control();
      if (event.kind == Event::Kind::need_more) {
        settle_input();
        return;
      }
    }
    bytes.remove_prefix(event.used);
    handle(event);
  }
}

/// Nothing more is read while something waits for the client. One that was told Close and goes on
/// talking is not heard for ever.
void SocketLink::settle_input() {
  if (session_.is_open()) {
    if (!queue_.empty()) {
      is_held_ = true;
      upload_.hold();
    }
  } else if (Clock::now() >= close_deadline_) {
    queue_.clear();
    finish();
  }
}

void SocketLink::listen_for_silence(std::chrono::milliseconds interval) {
  upload_.on_silence(interval, [self = shared_from_this()] { self->on_silence(); });
}

void SocketLink::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::message:
      guarded([&] {
        if (route_->handlers.on_message) {
          route_->handlers.on_message(Socket(shared_from_this()),
                                      {.kind = event.message, .payload = event.payload});
        }
      });
      return;
    case Event::Kind::closed:
    case Event::Kind::failed: {
      {
        const std::lock_guard lock(mutex_);
        finish();
      }
      tell_end({.code = event.code, .reason = event.payload});
      return;
    }
    default:
      return;
  }
}

/// What a function of the app throws closes the socket.
template <typename Call>
void SocketLink::guarded(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    told_ = Told{.code = CloseCode::internal_error, .reason = error.what()};
    begin_close(CloseCode::internal_error, {});
  }
}

void SocketLink::tell_end(const SocketEnd& end) {
  if (std::exchange(has_ended_, true)) {
    return;
  }
  const std::shared_ptr<SocketLink> self = shared_from_this();
  const std::optional<Told> told = [this] {
    const std::lock_guard lock(mutex_);
    return told_;
  }();
  guarded([&] {
    if (route_->handlers.on_close) {
      route_->handlers.on_close(Socket(self), told ? SocketEnd{told->code, told->reason} : end);
    }
  });
}

void SocketLink::on_drained() {
  const std::lock_guard lock(mutex_);
  pump();
  if (is_held_ && queue_.empty()) {
    is_held_ = false;
    upload_.resume();
  }
}

/// Nothing has come for a while.
void SocketLink::on_silence() {
  {
    const std::lock_guard lock(mutex_);
    if (session_.is_open() && !is_asked_) {
      is_asked_ = true;
      session_.ping({});
      put_control();
      listen_for_silence(route_->options.answer_within);
      return;
    }
    if (!queue_.empty()) {
      return;  // it still reads, or the server's limit of writes ends it
    }
    finish();
  }
  tell_end({});
}

/// The connection has ended by itself.
void SocketLink::on_lost() {
  {
    const std::lock_guard lock(mutex_);
    session_.close(CloseCode::abnormal);
    session_.control_sent();
    queue_.clear();
    buffered_.store(0, std::memory_order_relaxed);
    finish();
  }
  tell_end({});
}

Sent SocketLink::send(const websocket::SharedMessage& message) {
  const WorkspacePool::Loan workspace(route_->workspaces);
  const std::lock_guard lock(mutex_);
  if (!session_.is_open() || is_finishing_) {
    return Sent::closed;
  }
  const std::size_t waiting = buffered();
  const std::size_t most = route_->options.buffered;
  if (waiting > 0 && (waiting > most || message->payload().size() > most - waiting)) {
    if (route_->options.overflow == Overflow::drop) {
      return Sent::dropped;
    }
    // What has not begun is of no use to a client that misses the rest.
    while (queue_.size() > 1 || (queue_.size() == 1 && !queue_.back().has_begun)) {
      buffered_.fetch_sub(queue_.back().payload.size(), std::memory_order_relaxed);
      queue_.pop_back();
    }
    told_ = Told{.code = CloseCode::try_again_later, .reason = "too much waits"};
    begin_close(told_->code, told_->reason);
    return Sent::closed;
  }
  websocket::OutgoingFrame frame = session_.frame(message, *workspace);
  buffered_.fetch_add(frame.payload.size(), std::memory_order_relaxed);
  queue_.push_back({.head = std::string(frame.header.text()),
                    .payload = frame.payload,
                    .owner = std::move(frame.owner)});
  pump();
  return Sent::queued;
}

void SocketLink::close(CloseCode code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  begin_close(code, reason);
}

void SocketLink::begin_close(CloseCode code, std::string_view reason) {
  if (!session_.is_open()) {
    return;
  }
  session_.close(code, reason);
  put_control();
  // The client's Close is waited for, and found behind what nobody wants any more.
  close_deadline_ = Clock::now() + route_->options.answer_within;
  listen_for_silence(route_->options.answer_within);
  if (std::exchange(is_held_, false)) {
    upload_.resume();
  }
}

bool SocketLink::is_open() {
  const std::lock_guard lock(mutex_);
  return session_.is_open() && !is_finishing_;
}

/// Queues what the session has to say by itself. Pongs wait there while messages wait here, so that
/// a client that only asks takes no memory.
void SocketLink::put_control() {
  if (!session_.control().empty() && (queue_.empty() || !session_.is_open())) {
    queue_.push_back({.head = std::string(session_.control())});
    session_.control_sent();
  }
  pump();
}

/// Hands over what waits, as far as the tunnel takes it.
void SocketLink::pump() {
  while (!queue_.empty()) {
    Piece& piece = queue_.front();
    if (!write(piece.head)) {
      return;
    }
    piece.has_begun = true;
    piece.head.clear();
    while (!piece.payload.empty()) {
      const std::string_view part = piece.payload.substr(0, kPart);
      if (!write(part)) {
        return;
      }
      piece.payload.remove_prefix(part.size());
      buffered_.fetch_sub(part.size(), std::memory_order_relaxed);
    }
    queue_.pop_front();
    if (queue_.empty() && !session_.control().empty()) {
      queue_.push_back({.head = std::string(session_.control())});
      session_.control_sent();
    }
  }
  if (is_finishing_) {
    reply_.finish();
  }
}

/// False when nothing more is taken for now.
bool SocketLink::write(std::string_view bytes) {
  // To a tunnel that is closed nothing is written, but what waits goes.
  return bytes.empty() || reply_.write(bytes) != Flow::full;
}

void SocketLink::finish() {
  is_finishing_ = true;
  pump();
}

}  // namespace seabag::server
