#include "engine.h"

#include <algorithm>
#include <ctime>

#include "conduit.h"
#include "http2_engine.h"

namespace seabag::server {
namespace {

using http::FieldName;

constexpr std::size_t kOutputSize = 64 * 1024;
/// Beyond the longest head, so that a batch of pipelined requests is read at once.
constexpr std::size_t kInputSlack = 8 * 1024;
/// One frame of HTTP/2 is taken whole.
constexpr std::size_t kLargestFrame = http2::kFrameHeaderSize + http2::kFrameSize;
constexpr std::size_t kKeptBuffers = 4;
constexpr unsigned kHandshakesPerTurn = 8;

std::size_t input_size(const http::ParserLimits& limits) {
  constexpr std::size_t kPage = 4096;
  const std::size_t wanted =
      std::max(limits.request_line + limits.field_block, kLargestFrame) + kInputSlack;
  return (wanted + kPage - 1) / kPage * kPage;
}

std::uint64_t clock_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::uint64_t clock_microseconds() { return clock_nanoseconds() / 1000; }

}  // namespace

struct Engine::Logged {
  const AnswerRecord& record;
  std::string_view trouble;
  std::uint64_t microseconds = 0;
};

Engine::Engine(net::EventLoop& the_loop, const Limits& the_limits, Responder& the_responder)
    : loop(the_loop),
      limits(the_limits),
      responder(the_responder),
      output(kOutputSize),
      buffers(input_size(the_limits.head), kKeptBuffers),
      vitals(&unseen_),
      mailbox(std::make_shared<Mailbox>(the_loop)),
      input_(std::make_unique_for_overwrite<char[]>(buffers.buffer_size())) {}

Engine::~Engine() { mailbox->close(); }

Http2Engine& Engine::http2() {
  if (http2_ == nullptr) {
    http2_ = std::make_unique<Http2Engine>(limits);
    if (responder.has_tunnels()) {
      http2_->limits.extended_connect = http2::ExtendedConnect::accepted;
    }
  }
  return *http2_;
}

std::string_view Engine::date() {
  if (const std::int64_t now = loop.unix_milliseconds() / 1000; now != date_time_) {
    date_time_ = now;
    http::format_date(now, date_);
    if (auto refreshed = responder.refresh_rules(); !refreshed && report) {
      report(refreshed.error().message());
    }
  }
  return {date_.data(), date_.size()};
}

bool Engine::take_handshake() {
  if (loop.turn() != handshake_turn_) {
    handshake_turn_ = loop.turn();
    handshakes_left_ = kHandshakesPerTurn;
  }
  if (handshakes_left_ == 0) {
    return false;
  }
  --handshakes_left_;
  return true;
}

AnswerRecord Engine::answer(const Asked& asked, const AnswerContext& context, AnswerSink& sink) {
  const std::uint64_t start = log != nullptr ? clock_microseconds() : 0;
  vitals->in_flight.store(later_ + 1, std::memory_order_relaxed);
  AnswerRecord record = responder.answer(asked, *entrance, context, sink);
  vitals->in_flight.store(later_, std::memory_order_relaxed);
  if (record.later != nullptr) {
    return record;
  }
  count(static_cast<int>(record.status), record);
  const std::string& trouble = responder.trouble();
  if (!trouble.empty() && report) {
    report(trouble);
  }
  if (log != nullptr) {
    add_to_log(
        asked,
        {.record = record, .trouble = trouble, .microseconds = clock_microseconds() - start});
  }
  return record;
}

void Engine::answer_again(const Asked& asked, const PreparedAnswer& answer,
                          const AnswerContext& context) {
  const AnswerRecord record = add_prepared(answer, asked.head, context, output);
  count(static_cast<int>(record.status), record);
  if (log != nullptr) {
    add_to_log(asked, {.record = record});  // it takes no microsecond
  }
}

KeptEntry Engine::keep_entry(const Asked& asked) const {
  KeptEntry entry{.client = &asked.client};
  if (log != nullptr) {
    const http::RequestHead& from = asked.head;
    entry.method = from.method_text;
    entry.target = from.target;
    entry.referer = from.value(FieldName::referer);
    entry.user_agent = from.value(FieldName::user_agent);
    entry.started = clock_microseconds();
  }
  return entry;
}

void Engine::settle(const KeptEntry& entry, Outcome outcome, const AnswerRecord& record,
                    std::string_view trouble) {
  // There is no status of HTTP for a client that did not wait; nginx has made this one known.
  constexpr int kClientGone = 499;
  const int status = outcome == Outcome::answered ? static_cast<int>(record.status) : kClientGone;
  count(status, record);
  if (log != nullptr) {
    log->add({.method = entry.method,
              .target = entry.target,
              .referer = entry.referer,
              .user_agent = entry.user_agent,
              .trouble = trouble,
              .client = *entry.client,
              .status = status,
              .bytes = record.content_length,
              .microseconds = clock_microseconds() - entry.started});
  }
}

void Engine::count_later(int change) {
  later_ += static_cast<std::uint64_t>(std::int64_t{change});
  vitals->in_flight.store(later_, std::memory_order_relaxed);
}

void Engine::refuse(const Asked& asked, const Refusal& refusal, const AnswerContext& context,
                    AnswerSink& sink) {
  const AnswerRecord record =
      add_plain({.status = refusal.status, .part = part_for(asked.head)}, context, sink);
  count(static_cast<int>(record.status), record);
  if (log != nullptr) {
    add_to_log(asked, {.record = record, .trouble = refusal.reason});
  }
}

void Engine::count(int status, const AnswerRecord& record) const {
  constexpr std::size_t kDigit = 100;
  Vitals::add(vitals->requests, 1);
  Vitals::add(vitals->bytes, record.content_length);
  Vitals::add(vitals->statuses[static_cast<std::size_t>(status) / kDigit], 1);
  Vitals::add(vitals->encodings[static_cast<std::size_t>(record.encoding)], 1);
}

void Engine::note_sent(AnswerTimes& times) const {
  if (!times.is_empty()) {
    times.settle(clock_nanoseconds(), vitals->latencies);
  }
}

void Engine::add_to_log(const Asked& asked, const Logged& logged) {
  const http::RequestHead& from = asked.head;
  log->add({.method = from.method_text,
            .target = from.target,
            .referer = from.value(FieldName::referer),
            .user_agent = from.value(FieldName::user_agent),
            .trouble = logged.trouble,
            .client = asked.client,
            .status = static_cast<int>(logged.record.status),
            .bytes = logged.record.content_length,
            .microseconds = logged.microseconds});
}

}  // namespace seabag::server
