#include "exchange.h"

#include <algorithm>
#include <ctime>

namespace seabag::server {
namespace {

using http::BodyFraming;
using http::ConnectionField;
using http::FieldName;

/// Less free space than this in the output and it is sent before the next answer goes in.
constexpr std::size_t kAnswerRoom = 8 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::uint64_t clock_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace

Exchange::Progress Exchange::take(std::string_view input) {
  Progress total;
  while (total.used < input.size()) {
    if (engine_->output.room() < kAnswerRoom) {
      total.state = State::crowded;
      return total;
    }
    const std::string_view rest = input.substr(total.used);
    const Progress step = body_ != nullptr ? take_content(rest) : take_head(rest);
    total.used += step.used;
    total.state = step.state;
    if (step.state == State::over || step.used == 0) {
      return total;
    }
  }
  return total;
}

Exchange::Progress Exchange::take_head(std::string_view input) {
  http::RequestHead& head = engine_->head;
  const http::ParseOutcome outcome =
      http::parse_request_head(input, engine_->limits.head, head, progress_);
  switch (outcome.state) {
    case http::ParseState::incomplete:
      return {};
    case http::ParseState::error:
      head.clear();  // it was not understood
      return answer_error(outcome.status, outcome.reason);
    case http::ParseState::complete:
      break;
  }
  progress_ = {};
  const std::string_view content = input.substr(outcome.consumed);
  if (head.framing == BodyFraming::none) [[likely]] {
    return {.state = answer({}, false), .used = outcome.consumed};
  }
  Progress progress = begin_content(input.substr(0, outcome.consumed), content);
  progress.used += outcome.consumed;
  return progress;
}

/// Decides what becomes of content, whose first bytes may be here already.
Exchange::Progress Exchange::begin_content(std::string_view head_bytes, std::string_view content) {
  const http::RequestHead& head = engine_->head;
  const bool is_here = head.framing == BodyFraming::length && head.content_length <= content.size();
  const auto length = is_here ? static_cast<std::size_t>(head.content_length) : 0;
  if (!engine_->responder.wants_content(head)) {
    // Nobody reads it; waiting for the end of it would not be worth the connection either.
    is_cut_short_ = !is_here;
    return {.state = answer({}, !is_here), .used = length};
  }
  if (head.framing == BodyFraming::length && head.content_length > engine_->limits.body) {
    return answer_error(http::Status::content_too_large, "the content is too large");
  }
  if (is_here) {
    return {.state = answer(content.substr(0, length), false), .used = length};
  }
  if (head.expects_continue && content.empty()) {
    engine_->output.append(kContinue);
  }
  body_ = std::make_unique<BodyReader>(head_bytes, head, engine_->limits.body, engine_->loop.now());
  return {};
}

Exchange::Progress Exchange::take_content(std::string_view input) {
  const BodyReader::Outcome outcome = body_->take(input);
  if (outcome.state == BodyReader::State::need_more) {
    return {.used = outcome.consumed};
  }
  const std::unique_ptr<BodyReader> body = std::move(body_);
  restore_head(*body);
  if (outcome.state == BodyReader::State::error) {
    return answer_error(outcome.status, outcome.reason);
  }
  return {.state = answer(body->content(), false), .used = outcome.consumed};
}

/// Answers the request in `engine_->head`.
Exchange::State Exchange::answer(std::string_view content, bool is_last_one) {
  const http::RequestHead& head = engine_->head;
  const bool is_last = is_last_one || !head.keep_alive || engine_->is_draining;
  const auto staying =
      head.version == http::Version::http_1_0 ? ConnectionField::keep_alive : ConnectionField::none;
  const AnswerContext context{.date = engine_->date(),
                              .connection = is_last ? ConnectionField::close : staying};
  const std::uint64_t start = engine_->log != nullptr ? clock_microseconds() : 0;
  const AnswerRecord record = engine_->responder.answer(
      {.head = head, .content = content, .client = *client_}, context, engine_->output);
  has_answered_ = true;
  const std::string& trouble = engine_->responder.trouble();
  if (!trouble.empty() && engine_->report) {
    engine_->report(trouble);
  }
  if (engine_->log != nullptr) {
    log(record, trouble, start);
  }
  return is_last ? State::over : State::hungry;
}

Exchange::Progress Exchange::answer_error(http::Status status, const char* reason) {
  const AnswerContext context{.date = engine_->date(), .connection = ConnectionField::close};
  const AnswerRecord record = add_plain({.status = status}, context, engine_->output);
  if (engine_->log != nullptr) {
    log(record, reason, 0);
  }
  is_cut_short_ = true;
  return {.state = State::over};
}

void Exchange::time_out() {
  if (body_ != nullptr) {
    restore_head(*body_);
  } else {
    engine_->head.clear();
  }
  static_cast<void>(
      answer_error(http::Status::request_timeout, "the request did not come in time"));
  body_.reset();
}

/// The head was good when its content began, and these are the same bytes.
void Exchange::restore_head(const BodyReader& body) {
  static_cast<void>(
      http::parse_request_head(body.head_bytes(), engine_->limits.head, engine_->head));
}

net::Milliseconds Exchange::content_deadline() const {
  const Limits& limits = engine_->limits;
  const net::Milliseconds earned =
      body_->content().size() * 1000 / std::max<std::size_t>(limits.body_rate, 1);
  return body_->started() + limits.body_time + earned;
}

void Exchange::log(const AnswerRecord& record, std::string_view trouble, std::uint64_t start) {
  const http::RequestHead& head = engine_->head;
  engine_->log->add({.method = head.method_text,
                     .target = head.target,
                     .referer = head.value(FieldName::referer),
                     .user_agent = head.value(FieldName::user_agent),
                     .trouble = trouble,
                     .client = *client_,
                     .status = static_cast<int>(record.status),
                     .bytes = record.content_length,
                     .microseconds = start == 0 ? 0 : clock_microseconds() - start});
}

}  // namespace seabag::server
