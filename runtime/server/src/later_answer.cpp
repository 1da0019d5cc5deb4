#include "later_answer.h"

#include <algorithm>
#include <utility>

namespace seabag::server {

LaterAnswer::LaterAnswer(Engine& engine, std::shared_ptr<Conduit> conduit, const Asked& asked,
                         ConduitHost& host)
    : engine_(&engine),
      conduit_(std::move(conduit)),
      entry_(engine.keep_entry(asked)),
      part_(part_for(asked.head)),
      heart_(*this),
      silence_(*this),
      begun_(engine.loop.turn_time()) {
  conduit_->attach(host);
  engine_->count_later(1);
}

LaterAnswer::~LaterAnswer() {
  conduit_->close();
  engine_->count_later(-1);
  if (!is_complete_ && trouble_.empty()) {
    trouble_ = "the client has gone";
  }
  engine_->settle(entry_, has_begun_ ? Engine::Outcome::answered : Engine::Outcome::unanswered,
                  record_, trouble_);
}

Conduit::Delivery LaterAnswer::take() {
  Conduit::Delivery delivery = conduit_->take();
  if (!delivery.trouble.empty()) {
    trouble_ = delivery.trouble;
    if (engine_->report) {
      engine_->report(trouble_);
    }
  }
  watch_heart(delivery);
  if (delivery.silence.count() > 0) {
    silence_interval_ = delivery.silence;
    quiet_since_ = std::chrono::steady_clock::now();
    engine_->loop.timers().set(
        silence_, engine_->loop.now() + static_cast<net::Milliseconds>(silence_interval_.count()));
  }
  return delivery;
}

/// Content shows as much as a heartbeat does.
void LaterAnswer::watch_heart(const Conduit::Delivery& delivery) {
  if (!delivery.bytes.empty() || delivery.head != Conduit::Head::none) {
    written_ = engine_->loop.now();
  }
  if (heart_.is_armed() || delivery.end != Conduit::End::open) {
    return;
  }
  if (const auto heartbeat = conduit_->heartbeat(); heartbeat.interval.count() > 0) {
    const auto interval = static_cast<net::Milliseconds>(heartbeat.interval.count());
    engine_->loop.timers().set(heart_, engine_->loop.now() + interval);
  }
}

void LaterAnswer::on_timer(net::Timer& timer) {
  if (&timer == &heart_) {
    beat();
  } else {
    check_silence();
  }
}

void LaterAnswer::check_silence() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  quiet_since_ = std::max(quiet_since_, conduit_->heard());
  auto left = silence_interval_ - std::chrono::duration_cast<milliseconds>(now - quiet_since_);
  const bool is_due = left.count() <= 0;
  if (is_due) {
    quiet_since_ = now;
    left = silence_interval_;
  }
  engine_->loop.timers().set(silence_,
                             engine_->loop.now() + static_cast<net::Milliseconds>(left.count()));
  if (is_due) {
    conduit_->tell_silence();
  }
}

void LaterAnswer::beat() {
  const Conduit::Heartbeat heartbeat = conduit_->heartbeat();
  const auto interval = static_cast<net::Milliseconds>(heartbeat.interval.count());
  if (interval == 0) {
    return;
  }
  if (has_begun_ && engine_->loop.now() >= written_ + interval) {
    written_ = engine_->loop.now();
    static_cast<void>(conduit_->write(heartbeat.bytes));  // one that is full shows enough
  }
  engine_->loop.timers().set(heart_, written_ + interval);
}

void LaterAnswer::polish(Response& response) {
  if (conduit_->polish && !is_tunnel_) {
    conduit_->polish(response, trouble_);
  }
}

void LaterAnswer::begin() {
  has_begun_ = true;
  written_ = engine_->loop.now();
  engine_->unsent.add(begun_);
}

AnswerContext LaterAnswer::context(http::ConnectionField connection) const {
  return {.date = engine_->date(), .connection = connection, .fields = conduit_->fields};
}

Opened LaterAnswer::open(Conduit::Delivery& delivery, std::string_view framing,
                         const AnswerContext& context, AnswerSink& sink) {
  begin();
  is_tunnel_ = delivery.head == Conduit::Head::tunnel;
  polish(delivery.response);
  const Opened opened =
      add_opening({.response = delivery.response, .part = part_, .framing = framing}, context, sink,
                  record_, trouble_);
  is_complete_ = opened == Opened::complete;
  is_tunnel_ = is_tunnel_ && !is_complete_;
  return opened;
}

void LaterAnswer::add_whole(Conduit::Delivery delivery, const AnswerContext& context,
                            AnswerSink& sink) {
  begin();
  is_complete_ = true;
  polish(delivery.response);
  record_ = add_response(std::move(delivery.response), part_, context, sink, trouble_);
}

void LaterAnswer::refuse(http::Status status, const AnswerContext& context, AnswerSink& sink) {
  begin();
  is_complete_ = true;
  record_ = add_plain({.status = status, .part = part_}, context, sink);
}

void LaterAnswer::blame(const char* trouble) {
  if (trouble_.empty()) {
    trouble_ = trouble;
  }
}

}  // namespace seabag::server
