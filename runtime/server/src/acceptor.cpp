#include "acceptor.h"

#include <cerrno>
#include <utility>

namespace seabag::server {
namespace {

/// Connections taken in one turn, so that those which are there already get theirs.
constexpr int kAcceptsPerTurn = 64;
/// Without descriptors (EMFILE) clients wait in the kernel's queue; asking again at once would only
/// burn the processor. A connection that ends resumes earlier.
constexpr net::Milliseconds kPause = 250;

}  // namespace

Acceptor::Acceptor(net::EventLoop& loop, const net::Listener& listener, const Entrance& entrance,
                   Connections& connections)
    : loop_(&loop),
      listener_(&listener),
      entrance_(&entrance),
      connections_(&connections),
      timer_(*this) {}

Acceptor::~Acceptor() {
  if (phase_ == Phase::accepting) {
    loop_->remove(listener_->descriptor(), *this);
  }
}

Result<void> Acceptor::start() {
  if (phase_ != Phase::idle) {
    return {};
  }
  timer_.cancel();
  const auto interest = net::Interest::input | net::Interest::exclusive;
  SEABAG_TRY(loop_->add(listener_->descriptor(), interest, *this));
  phase_ = Phase::accepting;
  return {};
}

void Acceptor::stop() {
  pause();
  timer_.cancel();
  phase_ = Phase::stopped;
  while (accept_one()) {
  }
}

void Acceptor::pause() {
  if (phase_ == Phase::accepting) {
    loop_->remove(listener_->descriptor(), *this);
    phase_ = Phase::idle;
  }
}

void Acceptor::on_ready(net::Readiness) {
  // One that several workers share: who has time takes the next one, too.
  const int accepts = listener_->is_shared() ? 1 : kAcceptsPerTurn;
  for (int i = 0; i < accepts; ++i) {
    if (!accept_one()) {
      return;
    }
  }
}

void Acceptor::on_timer(net::Timer&) {
  if (!start()) {
    loop_->timers().set(timer_, loop_->now() + kPause);
  }
}

bool Acceptor::accept_one() {
  if (connections_->is_full()) {
    pause();
    return false;
  }
  net::Listener::Accepted accepted = listener_->accept();
  if (accepted.socket.is_open()) {
    connections_->add(std::move(accepted), *entrance_);
    return true;
  }
  if (accepted.error_number != EAGAIN && phase_ == Phase::accepting) {
    pause();
    loop_->timers().set(timer_, loop_->now() + kPause);
  }
  return false;
}

}  // namespace seabag::server
