#include "connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http2_exchange.h"
#include "seabag/http2/frame.h"

namespace seabag::server {
namespace {

using net::TransferState;

/// Reads of one connection in one turn, so that all get theirs.
constexpr int kReadsPerTurn = 16;
/// How long a drain waits for the first request of a client that has just connected.
constexpr net::Milliseconds kDrainGrace = 250;
/// Times that the output is filled for one connection in one turn.
constexpr int kFillsPerTurn = 8;

/// What a client that speaks HTTP to a port of HTTPS is told, in words that it understands.
constexpr std::string_view kClearTextAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 47\r\nConnection: close\r\n\r\n"
    "This port speaks HTTPS: begin with https://...\n";

}  // namespace

Connection::Connection(Engine& engine, ConnectionOwner& owner, Arrival arrival)
    : engine_(&engine),
      owner_(&owner),
      stream_(engine.loop, std::move(arrival.accepted.socket), *this, std::move(arrival.channel)),
      timer_(*this),
      peer_(arrival.accepted.peer),
      entrance_(&arrival.entrance),
      exchange_(engine, peer_, *this),
      phase_(stream_.is_secure() ? Phase::handshake : Phase::serving),
      started_(engine.loop.now()) {}

Result<void> Connection::start() {
  SEABAG_TRY(stream_.start());
  set_timer();
  return {};
}

void Connection::on_ready(net::Readiness readiness) {
  engine_->entrance = entrance_;
  input_is_ending_ = input_is_ending_ || readiness.ending;
  may_have_input_ = may_have_input_ || readiness.input || readiness.ending;
  if (phase_ == Phase::handshake) {
    shake_hands();
  } else if (phase_ == Phase::lingering) {
    discard_input();
  } else if (readiness.lost && is_waiting_) {
    stream_.close();
  } else if (backlog_ == nullptr || send_backlog()) {
    serve();
  }
  finish_turn();
}

void Connection::shake_hands() {
  if (!engine_->take_handshake()) {
    engine_->loop.call_again(*this);
    return;
  }
  switch (stream_.handshake()) {
    case net::HandshakeState::needs_input:
      if (input_is_ending_) {
        engine_->loop.call_again(*this);  // the end is told once, together with the last bytes
      }
      return;
    case net::HandshakeState::needs_output:
      return;
    case net::HandshakeState::clear_text:
      refuse_clear_text();
      return;
    case net::HandshakeState::failed:
      Vitals::add(engine_->vitals->failed_handshakes, 1);
      stream_.close();
      return;
    case net::HandshakeState::complete:
      break;
  }
  phase_ = Phase::serving;
  Vitals::add(
      stream_.is_resumed() ? engine_->vitals->resumed_handshakes : engine_->vitals->full_handshakes,
      1);
  owner_->on_established(*this);
  exchange_ = Exchange(*engine_, peer_, *this);  // whose time begins now
  if (stream_.negotiated_protocol() == "h2") {
    begin_http2();
  }
  may_have_input_ = true;  // what came behind the handshake has been received with it
  serve();
}

void Connection::give_up() {
  stream_.close();
  owner_->on_ended(*this);
}

void Connection::refuse_clear_text() {
  stream_.drop_channel();
  phase_ = Phase::ending;
  lingers_ = true;
  engine_->output.append(kClearTextAnswer);
  flush();
}

void Connection::finish_turn() {
  if (engine_->is_draining && is_ready() && stream_.is_open()) {
    finish(dialogue_->drain(), rest());
  }
  if (stream_.is_open()) {
    set_timer();
  } else {
    owner_->on_ended(*this);
  }
}

/// Answers until there is no more input, or no more space for answers.
void Connection::serve() {
  if ((has_unanswered_ || is_stirred_) && phase_ == Phase::serving) {
    has_unanswered_ = is_stirred_ = false;
    take_input(rest());
  }
  if (is_waiting_ && input_is_ending_ && !input_ended_ && stream_.is_open()) {
    look_for_end();
  }
  const auto can_go_on = [this] {
    return may_have_input_ && is_ready() && !is_paused_ && stream_.is_open();
  };
  for (int reads = 0; reads < kReadsPerTurn && can_go_on(); ++reads) {
    read_input();
  }
  if (can_go_on()) {
    engine_->loop.call_again(*this);
  } else if (input_ended_ && is_ready() && !is_paused_ && stream_.is_open()) {
    end();
  }
}

/// Nothing is taken now, but whoever is gone should be known to be.
void Connection::look_for_end() {
  if (!pending_) {
    pending_ = engine_->buffers.borrow();
    pending_size_ = 0;
  }
  const std::span<char> space = pending_.space().subspan(pending_size_);
  if (space.empty()) {
    return;
  }
  const net::Transfer transfer = receive(space);
  pending_size_ += transfer.bytes;
  if (transfer.state == TransferState::failed) {
    stream_.close();
  } else if (transfer.state == TransferState::end) {
    input_ended_ = true;
    finish(dialogue_->on_input_end(), rest());
  } else if (may_have_input_) {
    engine_->loop.call_again(*this);
  }
}

/// Somebody else has done something for the dialogue.
void Connection::stir() {
  is_stirred_ = true;
  engine_->loop.call_soon(*this);
}

net::Transfer Connection::receive(std::span<char> space) {
  const net::Transfer transfer = stream_.receive(space);
  const bool has_drained = transfer.state != TransferState::complete;
  // The end is told once, together with the last bytes: a short read is not the last one then.
  may_have_input_ = !has_drained || (input_is_ending_ && transfer.bytes > 0);
  return transfer;
}

void Connection::read_input() {
  const bool is_continued = pending_size_ > 0;
  const std::span<char> buffer = is_continued ? pending_.space() : engine_->input();
  const net::Transfer transfer = receive(buffer.subspan(pending_size_));
  if (transfer.state == TransferState::failed) {
    stream_.close();
    return;
  }
  input_ended_ = transfer.state == TransferState::end;
  if (transfer.bytes > 0) {
    take_input({buffer.data(), pending_size_ + transfer.bytes});
  }
  if (input_ended_ && !has_unanswered_ && stream_.is_open()) {
    finish(dialogue_->on_input_end(), rest());
  }
}

/// Has the whole requests in `input` answered with one send, and keeps what follows them.
void Connection::take_input(std::string_view input) {
  if (!has_protocol_ && !choose_protocol(input)) {
    keep(input);
    return;
  }
  std::size_t used = 0;
  Dialogue::Progress progress;
  int fills = 0;
  do {
    progress = dialogue_->take(input.substr(used));
    used += progress.used;
  } while (progress.state == Dialogue::State::crowded && flush() && ++fills < kFillsPerTurn);
  if (stream_.is_open()) {
    finish(progress.state, input.substr(used));
  }
}

/// HTTP/2 begins with a preface that is no request of HTTP/1.1 (RFC 9113 §3.4). False when too
/// little has come to tell.
bool Connection::choose_protocol(std::string_view input) {
  const std::string_view start = input.substr(0, http2::kPreface.size());
  const bool may_be_preface = http2::kPreface.starts_with(start);
  if (may_be_preface && start.size() == http2::kPreface.size()) {
    begin_http2();
  }
  has_protocol_ = !may_be_preface || http2_ != nullptr;
  return has_protocol_;
}

void Connection::begin_http2() {
  http2_ = std::make_unique<Http2Exchange>(*engine_, peer_, *this);
  dialogue_ = http2_.get();
  has_protocol_ = true;
}

/// Sends what the dialogue has said, which may have been its last word.
void Connection::finish(Dialogue::State state, std::string_view rest) {
  if (state == Dialogue::State::over || state == Dialogue::State::cut_short) {
    phase_ = Phase::ending;
    lingers_ = state == Dialogue::State::cut_short || !rest.empty() || may_have_input_;
    rest = {};
  }
  if (state == Dialogue::State::broken) {
    engine_->output.clear();
    engine_->unsent.clear();
    backlog_.reset();
    stream_.abort();
    return;
  }
  has_unanswered_ = state == Dialogue::State::crowded;
  is_waiting_ = state == Dialogue::State::waiting;
  is_paused_ = state == Dialogue::State::paused || is_waiting_;
  keep(rest);
  flush();
  if (has_unanswered_ && backlog_ == nullptr && stream_.is_open()) {
    engine_->loop.call_again(*this);
  }
}

/// Moves what could not be used yet to the start of a buffer of our own, or gives that back.
void Connection::keep(std::string_view rest) {
  if (rest.empty()) {
    pending_.reset();
    pending_size_ = 0;
    return;
  }
  if (!pending_) {
    pending_ = engine_->buffers.borrow();
  }
  if (rest.data() != pending_.space().data()) {
    std::memmove(pending_.space().data(), rest.data(), rest.size());
  }
  pending_size_ = rest.size();
}

/// Sends what has been put together; false when some of it is left, or the connection is lost.
bool Connection::flush() {
  if (!engine_->output.is_empty()) {
    const SendState state = engine_->output.send(stream_, engine_->buffers, backlog_);
    if (backlog_ != nullptr) {
      backlog_->times = std::exchange(engine_->unsent, {});
      expect_progress();
    } else if (state == SendState::done) {
      engine_->note_sent(engine_->unsent);
    }
    engine_->unsent.clear();
    settle(state);
  } else if (phase_ == Phase::ending && backlog_ == nullptr) {
    settle(SendState::done);
  }
  return stream_.is_open() && backlog_ == nullptr;
}

bool Connection::send_backlog() {
  std::uint64_t sent = 0;
  const SendState state = backlog_->send(stream_, engine_->buffers, sent);
  if (state == SendState::done) {
    engine_->note_sent(backlog_->times);
    backlog_.reset();
  }
  if (sent > 0) {
    expect_progress();
  }
  settle(state);
  return stream_.is_open() && backlog_ == nullptr;
}

void Connection::expect_progress() {
  engine_->loop.timers().set(timer_, engine_->loop.now() + engine_->limits.write_time);
}

void Connection::settle(SendState state) {
  switch (state) {
    case SendState::failed:
      backlog_.reset();
      stream_.close();
      return;
    case SendState::paused:
      engine_->loop.call_again(*this);
      return;
    case SendState::full:
      return;
    case SendState::done:
      break;
  }
  if (phase_ == Phase::ending) {
    end();
  }
}

/// Nothing is left to be sent, or the client will not send any more.
void Connection::end() {
  if (backlog_ != nullptr) {
    phase_ = Phase::ending;
    return;
  }
  if (lingers_ && !input_ended_) {
    linger();
  } else {
    stream_.close();
  }
}

/// A close while bytes of the client are unread resets the connection, which would take the answer
/// away from a client that has not read it yet (RFC 9112 §9.6).
void Connection::linger() {
  phase_ = Phase::lingering;
  stream_.finish_sending();
  timer_.cancel();
  discard_input();
}

void Connection::discard_input() {
  for (int reads = 0; reads < kReadsPerTurn && may_have_input_; ++reads) {
    const net::Transfer transfer = receive(engine_->input());
    if (transfer.state == TransferState::end || transfer.state == TransferState::failed) {
      stream_.close();
      return;
    }
  }
  if (may_have_input_) {
    engine_->loop.call_again(*this);
  }
}

void Connection::set_timer() {
  const Limits& limits = engine_->limits;
  const net::Milliseconds now = engine_->loop.now();
  net::TimerWheel& timers = engine_->loop.timers();
  if (phase_ == Phase::lingering) {
    if (!timer_.is_armed()) {
      timers.set(timer_, now + limits.linger_time);
    }
  } else if (phase_ == Phase::handshake) {
    timers.set(timer_, started_ + limits.handshake_time);
  } else if (backlog_ != nullptr) {
    return;  // set by each progress
  } else {
    timers.set(timer_, dialogue_->deadline());
  }
}

void Connection::on_timer(net::Timer&) {
  engine_->entrance = entrance_;
  if (is_ready()) {
    const bool was_paused = std::exchange(is_paused_, false);
    finish(dialogue_->on_deadline(), rest());
    if (was_paused && is_ready() && stream_.is_open()) {
      has_unanswered_ = true;
      serve();
    }
  } else if (phase_ != Phase::serving || backlog_ != nullptr) {
    stream_.close();
  }
  finish_turn();
}

void Connection::drain() {
  engine_->entrance = entrance_;
  if (is_ready()) {
    finish_turn();
  } else if (phase_ == Phase::handshake) {
    engine_->loop.timers().set(timer_, engine_->loop.now() + kDrainGrace);
  }
}

}  // namespace seabag::server
