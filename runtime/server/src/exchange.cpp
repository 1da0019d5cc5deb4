#include "exchange.h"

#include <algorithm>
#include <utility>

#include "http1_sink.h"

namespace seabag::server {
namespace {

using http::BodyFraming;
using http::ConnectionField;

/// Less free space than this in the output and it is sent before the next answer goes in.
constexpr std::size_t kAnswerRoom = 8 * 1024;

/// How long a drain waits for one more request on a connection that idles: it may be under way, and
/// its client could not know whether it has been answered.
constexpr net::Milliseconds kDrainGrace = 1'000;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// A first line that is made like a request's, but names neither a method nor HTTP: the client
/// speaks another protocol, and an answer in this one would be noise to it (RFC 9113 §3.4).
bool is_foreign(std::string_view input) {
  constexpr std::size_t kLongest = 128;
  const std::string_view line = input.substr(0, input.find("\r\n"));
  const std::string_view word = line.substr(0, line.find(' '));
  const bool is_word = !word.empty() && std::all_of(word.begin(), word.end(),
                                                    [](char c) { return c >= 'A' && c <= 'Z'; });
  return is_word && line.size() <= kLongest && line.size() < input.size() &&
         std::count(line.begin(), line.end(), ' ') == 2 &&
         http::recognise_method(word) == http::Method::other &&
         line.find("HTTP") == std::string_view::npos;
}

}  // namespace

Exchange::Exchange(Engine& engine, const net::Peer& client, Stirred& stirred)
    : engine_(&engine), client_(&client), stirred_(&stirred), head_started_(engine.loop.now()) {}

Dialogue::Progress Exchange::take(std::string_view input) {
  Progress total;
  while (later_ != nullptr || total.used < input.size()) {
    if (engine_->output.room() < kAnswerRoom) {
      total.state = State::crowded;
      return total;
    }
    const std::string_view rest = input.substr(total.used);
    const bool is_later = later_ != nullptr;
    const Progress step = is_later           ? go_on(rest)
                          : body_ != nullptr ? take_content(rest)
                                             : take_head(rest);
    total.used += step.used;
    total.state = step.state;
    const bool has_ended = is_later && later_ == nullptr;
    if (step.state != State::hungry || (step.used == 0 && !has_ended && later_ == nullptr) ||
        (is_later && !has_ended)) {
      return total;
    }
  }
  return total;
}

Dialogue::Progress Exchange::take_head(std::string_view input) {
  http::RequestHead& head = engine_->head;
  const http::ParseOutcome outcome =
      http::parse_request_head(input, engine_->limits.head, head, progress_);
  switch (outcome.state) {
    case http::ParseState::incomplete:
      if (!is_in_head_ && has_answered_) {
        head_started_ = engine_->loop.now();
      }
      is_in_head_ = true;
      return {};
    case http::ParseState::error:
      head.clear();  // it was not understood
      if (!has_answered_ && is_foreign(input)) {
        return {.state = State::cut_short};
      }
      return answer_error(outcome.status, outcome.reason);
    case http::ParseState::complete:
      break;
  }
  progress_ = {};
  is_in_head_ = false;
  if (engine_->responder.must_wait({.head = head, .client = *client_})) [[unlikely]] {
    is_waiting_ = true;
    return {.state = State::paused};  // it is parsed again then
  }
  const std::string_view content = input.substr(outcome.consumed);
  if (head.framing == BodyFraming::none) [[likely]] {
    if (const auto* prepared = engine_->find_prepared(head); prepared != nullptr) [[likely]] {
      return {.state = answer_again(*prepared), .used = outcome.consumed};
    }
    return {.state = answer({}, State::hungry), .used = outcome.consumed};
  }
  Progress progress = begin_content(input.substr(0, outcome.consumed), content);
  progress.used += outcome.consumed;
  return progress;
}

/// Decides what becomes of content, whose first bytes may be here already.
Dialogue::Progress Exchange::begin_content(std::string_view head_bytes, std::string_view content) {
  const http::RequestHead& head = engine_->head;
  const bool is_here = head.framing == BodyFraming::length && head.content_length <= content.size();
  const auto length = is_here ? static_cast<std::size_t>(head.content_length) : 0;
  const ContentWish wish = engine_->content_wish({.head = head, .client = *client_});
  if (wish.use == ContentUse::none) {
    // Nobody reads it; waiting for the end of it would not be worth the connection either.
    return {.state = answer({}, is_here ? State::hungry : State::cut_short), .used = length};
  }
  const std::uint64_t limit = wish.limit.value_or(engine_->limits.body);
  if (head.framing == BodyFraming::length && head.content_length > limit) {
    return answer_error(http::Status::content_too_large, "the content is too large");
  }
  if (wish.use == ContentUse::parts) {
    intake_ = std::make_unique<Intake>(Intake{.reader = PartReader(head, limit),
                                              .started = engine_->loop.now(),
                                              .owes_continue = head.expects_continue});
    return {.state = answer({}, State::hungry)};
  }
  if (is_here) {
    return {.state = answer(content.substr(0, length), State::hungry), .used = length};
  }
  if (head.expects_continue && content.empty()) {
    engine_->output.append(kContinue);
  }
  body_ = std::make_unique<BodyReader>(head_bytes, head, engine_->limits.body, engine_->loop.now());
  return {};
}

Dialogue::Progress Exchange::take_content(std::string_view input) {
  const BodyReader::Outcome outcome = body_->take(input);
  if (outcome.state == BodyReader::State::need_more) {
    return {.used = outcome.consumed};
  }
  const std::unique_ptr<BodyReader> body = std::move(body_);
  restore_head(*body);
  if (outcome.state == BodyReader::State::error) {
    return answer_error(outcome.status, outcome.reason);
  }
  return {.state = answer(body->content(), State::hungry), .used = outcome.consumed};
}

/// Answers the request in `engine_->head`.
Dialogue::State Exchange::answer(std::string_view content, State after) {
  const http::RequestHead& head = engine_->head;
  if (after == State::hungry && (!head.keep_alive || engine_->is_draining)) {
    after = State::over;
  }
  const AnswerContext context{
      .date = engine_->date(),
      .connection = after == State::hungry ? staying() : ConnectionField::close,
      .prepared = &engine_->prepared};
  const Asked asked{.head = head,
                    .content = content,
                    .client = *client_,
                    .is_admitted = head.framing != BodyFraming::none};
  Http1Sink sink(engine_->output);
  AnswerRecord record = engine_->answer(asked, context, sink);
  if (record.later != nullptr) [[unlikely]] {
    version_ = head.version;
    after_later_ = after;
    later_state_ = State::waiting;
    later_ = std::make_unique<LaterAnswer>(*engine_, std::move(record.later), asked, *this);
    if (intake_ == nullptr && later_->conduit().protocol.empty()) {
      later_->conduit().end_content(UploadEnd::complete);  // it is here, or there is none
    }
    return State::hungry;
  }
  intake_.reset();
  return end_answer(after);
}

/// The same by heart.
Dialogue::State Exchange::answer_again(const PreparedAnswer& prepared) {
  const http::RequestHead& head = engine_->head;
  const bool stays = head.keep_alive && !engine_->is_draining;
  const AnswerContext context{.date = engine_->date(),
                              .connection = stays ? staying() : ConnectionField::close};
  engine_->answer_again({.head = head, .client = *client_}, prepared, context);
  return end_answer(stays ? State::hungry : State::over);
}

/// What is said to a client whose connection stays open.
ConnectionField Exchange::staying() const {
  return engine_->head.version == http::Version::http_1_0 ? ConnectionField::keep_alive
                                                          : ConnectionField::none;
}

/// A whole answer is in the output.
Dialogue::State Exchange::end_answer(State after) {
  engine_->unsent.add(engine_->loop.turn_time());
  has_answered_ = true;
  return after;
}

Dialogue::Progress Exchange::answer_error(http::Status status, const char* reason) {
  const AnswerContext context{.date = engine_->date(), .connection = ConnectionField::close};
  Http1Sink sink(engine_->output);
  engine_->refuse({.head = engine_->head, .client = *client_}, {.status = status, .reason = reason},
                  context, sink);
  engine_->unsent.add(engine_->loop.turn_time());
  return {.state = State::cut_short};
}

void Exchange::on_stirred(Conduit&) { stirred_->stir(); }

/// One who finishes sending while an answer streams has gone: nobody tells otherwise, and who only
/// had no more to say gets what has not begun yet.
Dialogue::State Exchange::on_input_end() {
  if (is_waiting_) {
    return State::paused;
  }
  if (later_ == nullptr) {
    return State::over;
  }
  if (!later_->has_begun() && intake_ == nullptr) {
    return State::waiting;
  }
  if (later_->is_tunnel()) {
    later_->conduit().end_content(UploadEnd::complete);
    later_->complete();
  }
  later_.reset();
  intake_.reset();
  return State::over;
}

Dialogue::State Exchange::on_deadline() {
  if (std::exchange(is_waiting_, false)) {
    return State::hungry;
  }
  if (later_ != nullptr) {
    const bool is_late =
        intake_ != nullptr && wants_content() && engine_->loop.now() >= content_deadline();
    return is_late ? fail_later(http::Status::request_timeout, "the content did not come in time")
                   : later_state_;
  }
  if (body_ == nullptr && !is_in_head_) {
    return State::over;
  }
  if (body_ != nullptr) {
    restore_head(*body_);
  } else {
    engine_->head.clear();
  }
  body_.reset();
  return answer_error(http::Status::request_timeout, "the request did not come in time").state;
}

Dialogue::State Exchange::drain() {
  if (later_ != nullptr) {
    later_->conduit().tell_drain();
    return later_state_;
  }
  if (body_ != nullptr || is_in_head_ || is_waiting_) {
    return State::hungry;
  }
  if (!ends_soon_) {
    ends_soon_ = true;
    head_started_ = engine_->loop.now();
  }
  return State::hungry;
}

/// The head was good when its content began, and these are the same bytes.
void Exchange::restore_head(const BodyReader& body) {
  static_cast<void>(
      http::parse_request_head(body.head_bytes(), engine_->limits.head, engine_->head));
}

net::Milliseconds Exchange::deadline() const {
  const Limits& limits = engine_->limits;
  if (is_waiting_) {
    return engine_->loop.now() + Responder::kAskAgain;
  }
  if (later_ != nullptr) {
    constexpr net::Milliseconds kNever = ~net::Milliseconds{0};
    return intake_ != nullptr && !intake_->held ? content_deadline() : kNever;
  }
  if (body_ != nullptr) {
    return content_deadline();
  }
  if (is_in_head_) {
    return head_started_ + limits.head_time;
  }
  if (ends_soon_) {
    return head_started_ + kDrainGrace;
  }
  return has_answered_ ? engine_->loop.now() + engine_->keep_alive_time()
                       : head_started_ + limits.head_time;
}

net::Milliseconds Exchange::content_deadline() const {
  const Limits& limits = engine_->limits;
  return body_ != nullptr ? body_->started() + limits.content_time(body_->content().size())
                          : intake_->started + limits.content_time(intake_->reader.received());
}

}  // namespace seabag::server
