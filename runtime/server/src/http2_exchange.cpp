#include "http2_exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http2_later.h"
#include "kept_head.h"

namespace seabag::server {
namespace {

using http2::Ending;
using http2::Event;
using http2::Slot;

/// Less free space than this in the output and it is sent before the next answer goes in.
constexpr std::size_t kAnswerRoom = 8 * 1024;
/// Content that is put together at once: what comes later may be more urgent than what waits.
constexpr std::uint64_t kFill = 256 * 1024;
/// Streams whose places a connection keeps while it idles.
constexpr std::size_t kKeptSlots = 8;
/// Content of requests that one connection may have in memory; one request may always have what
/// the server's limit says.
constexpr std::size_t kMostGathered = 1024 * 1024;

}  // namespace

struct Http2Exchange::Reading {
  Reading(const http::RequestHead& head, net::Milliseconds now) : kept(head), started(now) {}

  KeptHead kept;
  std::string content;
  net::Milliseconds started;
};

struct Http2Exchange::Parked {
  Parked(const Asked& asked, Slot the_slot, Ending the_ending)
      : kept(asked.head), protocol(asked.protocol), slot(the_slot), ending(the_ending) {}

  KeptHead kept;
  std::string protocol;
  Slot slot;
  Ending ending;
};

Http2Exchange::Http2Exchange(Engine& engine, const net::Peer& client, Stirred& stirred)
    : engine_(&engine),
      client_(&client),
      stirred_(&stirred),
      session_(engine.http2().limits, engine.loop.now()),
      idle_since_(engine.loop.now()) {}

Http2Exchange::~Http2Exchange() {
  for (std::unique_ptr<StreamContent>& content : content_) {
    if (content != nullptr) {
      engine_->http2().give_back(std::move(content));
    }
  }
}

Dialogue::Progress Http2Exchange::take(std::string_view input) {
  Progress progress;
  if (parked_ != nullptr && !resume()) {
    progress.state = State::paused;
    return progress;
  }
  while (true) {
    if (engine_->output.room() < kAnswerRoom) {
      put_control();
      progress.state = State::crowded;
      return progress;
    }
    if (!stirred_slots_.empty()) [[unlikely]] {
      const Slot slot = stirred_slots_.back();
      stirred_slots_.pop_back();
      go_on(slot);
      continue;
    }
    const Event event =
        session_.take(input.substr(progress.used), engine_->loop.now(), engine_->http2().workspace);
    progress.used += event.used;
    switch (event.kind) {
      case Event::Kind::need_more:
        progress.state = fill();
        return progress;
      case Event::Kind::paused:
        progress.state = fill() == State::cut_short ? State::cut_short : State::paused;
        return progress;
      case Event::Kind::over:
        put_control();
        progress.state = State::cut_short;
        return progress;
      default:
        handle(event);
    }
    if (parked_ != nullptr) {
      progress.state = fill() == State::cut_short ? State::cut_short : State::paused;
      return progress;
    }
  }
}

/// Goes on with the request that waits; false when it must wait longer.
bool Http2Exchange::resume() {
  const Asked asked{
      .head = parked_->kept.head(), .client = *client_, .protocol = parked_->protocol};
  if (engine_->responder.must_wait(asked)) {
    return false;
  }
  const std::unique_ptr<Parked> parked = std::move(parked_);
  begin(parked->slot, asked, parked->ending);
  return true;
}

void Http2Exchange::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::request:
      put_control();  // the handshake comes before any answer
      begin(
          event.slot,
          {.head = engine_->http2().workspace.head, .client = *client_, .protocol = event.protocol},
          event.ending);
      return;
    case Event::Kind::refused:
      put_control();
      if (event.ending == Ending::more) {
        session_.discard(event.slot);
      }
      refuse(event.slot, {.head = engine_->http2().workspace.head, .client = *client_},
             {.status = event.status, .reason = "the head is too large"});
      return;
    case Event::Kind::content:
      take_content(event);
      return;
    case Event::Kind::closed:
      forget(event.slot);
      return;
    default:
      return;
  }
}

void Http2Exchange::begin(Slot slot, const Asked& asked, Ending ending) {
  const http::RequestHead& head = asked.head;
  if (engine_->responder.must_wait(asked)) [[unlikely]] {
    parked_ = std::make_unique<Parked>(asked, slot, ending);
    return;
  }
  if (!asked.protocol.empty()) [[unlikely]] {
    answer(slot, asked, ending);
    return;
  }
  if (ending == Ending::ends) [[likely]] {
    answer(slot, asked);
    return;
  }
  const ContentWish wish = engine_->content_wish(asked);
  Asked admitted = asked;
  admitted.is_admitted = true;
  if (wish.use == ContentUse::none) {
    session_.discard(slot);
    answer(slot, admitted);
    return;
  }
  const std::uint64_t limit = wish.limit.value_or(engine_->limits.body);
  if (head.content_length > limit) {
    session_.discard(slot);
    refuse(slot, asked,
           {.status = http::Status::content_too_large, .reason = "the content is too large"});
    return;
  }
  if (head.expects_continue) {
    put_interim(slot, http2::kContinueBlock);
  }
  if (wish.use == ContentUse::parts) {
    begin_parts(slot, admitted, limit);
    return;
  }
  if (reading_.size() <= slot) {
    reading_.resize(std::size_t{slot} + 1);
  }
  reading_[slot] = std::make_unique<Reading>(head, engine_->loop.now());
  ++readings_;
}

void Http2Exchange::put_interim(Slot slot, std::string_view fields) {
  encoder_table_.restrict_to(session_.encoder_table_limit());
  const std::string block = encoder_table_.take_size_update().append(fields);
  const std::span<char> space = engine_->output.prepare(http2::Session::head_room(block.size()));
  std::memcpy(space.data() + http2::kFrameHeaderSize, block.data(), block.size());
  engine_->output.commit(session_.frame_head(slot, space, block.size()));
}

void Http2Exchange::take_content(const Event& event) {
  if (later_at(event.slot) != nullptr) {
    take_part(event.slot, event.content, event.ending);
    return;
  }
  if (event.slot >= reading_.size() || reading_[event.slot] == nullptr) {
    return;
  }
  Reading& reading = *reading_[event.slot];
  const std::size_t size = event.content.size();
  if (size > engine_->limits.body - reading.content.size()) {
    give_up(event.slot,
            {.status = http::Status::content_too_large, .reason = "the content is too large"});
    return;
  }
  if (gathered_ + size > std::max(kMostGathered, engine_->limits.body)) {
    give_up(event.slot, {.status = http::Status::service_unavailable,
                         .reason = "too much content at once on one connection"});
    return;
  }
  reading.content += event.content;
  gathered_ += size;
  if (event.ending == Ending::more) {
    session_.consume(event.slot, size);
    return;
  }
  const std::unique_ptr<Reading> complete = std::move(reading_[event.slot]);
  --readings_;
  gathered_ -= complete->content.size();
  answer(event.slot, {.head = complete->kept.head(),
                      .content = complete->content,
                      .client = *client_,
                      .is_admitted = true});
}

/// Answers a request whose content does not come as it should.
void Http2Exchange::give_up(Slot slot, const Refusal& refusal) {
  const std::unique_ptr<Reading> reading = std::move(reading_[slot]);
  --readings_;
  gathered_ -= reading->content.size();
  session_.discard(slot);
  refuse(slot, {.head = reading->kept.head(), .client = *client_}, refusal);
}

void Http2Exchange::answer(Slot slot, const Asked& asked, Ending ending) {
  const AnswerContext context{.date = engine_->date()};
  AnswerRecord record;
  respond(slot, [&](AnswerSink& sink) {
    record = engine_->answer(asked, context, sink);
    return record.later == nullptr;
  });
  if (record.later != nullptr) [[unlikely]] {
    begin_later(slot, std::move(record), asked, ending);
  }
}

void Http2Exchange::refuse(Slot slot, const Asked& asked, const Refusal& refusal) {
  const AnswerContext context{.date = engine_->date()};
  respond(slot, [&](AnswerSink& sink) {
    engine_->refuse(asked, refusal, context, sink);
    return true;
  });
}

Http2Sink Http2Exchange::make_sink(Slot slot) {
  return Http2Sink({.session = session_,
                    .encoder = engine_->http2().encoder,
                    .table = encoder_table_,
                    .output = engine_->output,
                    .content = *content_[slot]},
                   slot);
}

template <typename Answer>
void Http2Exchange::respond(Slot slot, const Answer& answer) {
  if (content_.size() <= slot) {
    content_.resize(std::size_t{slot} + 1);
  }
  content_[slot] = engine_->http2().borrow();
  Http2Sink sink = make_sink(slot);
  has_answered_ = true;
  Vitals::add(engine_->vitals->http2_requests, 1);
  content_[slot]->begun = engine_->loop.turn_time();
  if (!answer(sink)) {
    content_[slot]->begun = 0;  // its end may be far away: its head is what counts
  } else if (sink.finish() == Ending::ends) {
    engine_->unsent.add(content_[slot]->begun);
    forget(slot);
  }
}

/// The stream is gone.
void Http2Exchange::forget(Slot slot) {
  if (slot < content_.size() && content_[slot] != nullptr) {
    engine_->http2().give_back(std::move(content_[slot]));
  }
  if (slot < reading_.size() && reading_[slot] != nullptr) {
    gathered_ -= reading_[slot]->content.size();
    reading_[slot].reset();
    --readings_;
  }
  if (later_at(slot) != nullptr) [[unlikely]] {
    gathered_ -= later_[slot]->unread.size();
    --laters_;
    later_[slot].reset();
  }
  idle_since_ = engine_->loop.now();
}

/// Puts content together in the order of the session.
Dialogue::State Http2Exchange::fill() {
  put_control();
  std::uint64_t filled = 0;
  while (filled < kFill && engine_->output.room() >= kAnswerRoom) {
    const std::optional<http2::DataFrame> frame =
        session_.next_data(kFill - filled, engine_->loop.now());
    if (!frame) {
      break;
    }
    engine_->output.append({frame->header.data(), frame->header.size()});
    content_[frame->slot]->take(frame->length, engine_->output);
    filled += frame->length;
    if (frame->ending == Ending::ends) {
      if (const std::uint64_t begun = content_[frame->slot]->begun; begun != 0) {
        engine_->unsent.add(begun);
      }
      forget(frame->slot);
    } else if (later_at(frame->slot) != nullptr) [[unlikely]] {
      pump(frame->slot);  // there is room for more of it
    }
  }
  put_control();
  if (session_.is_over()) {
    return State::cut_short;  // windows are still opened by a client that reads the last answer
  }
  if (session_.stream_count() == 0 && content_.size() > kKeptSlots) {
    session_.shrink();
    content_.clear();
    content_.shrink_to_fit();
    reading_.clear();
    reading_.shrink_to_fit();
    later_.clear();
    later_.shrink_to_fit();
  }
  return session_.can_send() ? State::crowded : State::hungry;
}

void Http2Exchange::put_control() {
  if (!session_.control().empty()) {
    engine_->output.append(session_.control());
    session_.control_sent();
  }
}

net::Milliseconds Http2Exchange::deadline() const {
  if (parked_ != nullptr) {
    return engine_->loop.now() + Responder::kAskAgain;
  }
  net::Milliseconds first = session_.deadline();
  if (readings_ > 0) {
    for (const std::unique_ptr<Reading>& reading : reading_) {
      if (reading != nullptr) {
        first = std::min(first, deadline_of(*reading));
      }
    }
  }
  if (laters_ > 0) {
    first = std::min(first, first_deadline());
  }
  return session_.stream_count() == 0 ? std::min(first, idle_deadline()) : first;
}

net::Milliseconds Http2Exchange::deadline_of(const Reading& reading) const {
  return reading.started + engine_->limits.content_time(reading.content.size());
}

net::Milliseconds Http2Exchange::idle_deadline() const {
  return idle_since_ + (has_answered_ ? engine_->keep_alive_time() : engine_->limits.head_time);
}

Dialogue::State Http2Exchange::on_deadline() {
  if (parked_ != nullptr) {
    return State::hungry;
  }
  const net::Milliseconds now = engine_->loop.now();
  session_.on_deadline(now);
  for (std::size_t slot = 0; readings_ > 0 && slot < reading_.size(); ++slot) {
    if (reading_[slot] != nullptr && now >= deadline_of(*reading_[slot])) {
      give_up(static_cast<Slot>(slot), {.status = http::Status::request_timeout,
                                        .reason = "the request did not come in time"});
    }
  }
  if (laters_ > 0) {
    check_deadlines(now);
  }
  if (session_.stream_count() == 0 && now >= idle_deadline()) {
    session_.end(http2::ErrorCode::no_error);
  }
  return fill();
}

Dialogue::State Http2Exchange::drain() {
  for (const std::unique_ptr<Later>& later : later_) {
    if (later != nullptr) {
      later->answer.conduit().tell_drain();
    }
  }
  session_.drain(engine_->loop.now());
  put_control();
  return session_.is_over() ? State::cut_short : State::hungry;
}

}  // namespace seabag::server
