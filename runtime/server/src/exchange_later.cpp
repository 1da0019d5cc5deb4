// What Exchange does while a request is answered by somebody else, later.
#include <array>
#include <charconv>
#include <utility>

#include "exchange.h"
#include "http1_sink.h"

namespace seabag::server {
namespace {

using http::ConnectionField;
using http::Status;

/// Less free space than this in the output and it is sent before a head goes in.
constexpr std::size_t kAnswerRoom = 8 * 1024;
/// Content that is put together at once.
constexpr std::uint64_t kFill = 128 * 1024;
/// Up to here copying costs less than one more part of a sendmsg(2).
constexpr std::size_t kCopied = 4 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace

Dialogue::Progress Exchange::go_on(std::string_view input) {
  Progress progress = later_->is_tunnel() ? feed_tunnel(input) : feed(input);
  if (later_ == nullptr || progress.state == State::broken) {
    return progress;
  }
  const bool was_tunnel = later_->is_tunnel();
  if (const State state = pump(); later_ == nullptr || state != State::waiting) {
    progress.state = state;
    return progress;
  }
  const bool has_become_tunnel = later_->is_tunnel() && !was_tunnel;
  if (has_become_tunnel && !input.empty()) {
    progress.state = State::crowded;  // what came behind the head belongs to it
    return progress;
  }
  const bool wants_more = (intake_ != nullptr || later_->is_tunnel()) && wants_content();
  later_state_ = wants_more && progress.used == input.size() ? State::hungry : State::waiting;
  progress.state = later_state_;
  return progress;
}

/// Whether who takes the content wants some; the time until then is not the client's.
bool Exchange::wants_content() {
  const bool wants = later_->conduit().wants_content();
  if (intake_ != nullptr) {
    const net::Milliseconds now = engine_->loop.now();
    if (!wants) {
      intake_->held = intake_->held.value_or(now);
    } else if (intake_->held) {
      intake_->started += now - *intake_->held;
      intake_->held.reset();
    }
  }
  return wants;
}

Dialogue::Progress Exchange::feed(std::string_view input) {
  Progress progress;
  while (intake_ != nullptr && wants_content()) {
    const PartReader::Outcome outcome = intake_->reader.take(input.substr(progress.used));
    progress.used += outcome.consumed;
    switch (outcome.state) {
      case PartReader::State::need_more:
        if (intake_->owes_continue && !later_->has_begun() && progress.used == 0) {
          engine_->output.append(kContinue);
        }
        intake_->owes_continue = false;
        return progress;
      case PartReader::State::part:
        intake_->owes_continue = false;
        later_->conduit().give_part(outcome.part);
        break;
      case PartReader::State::complete:
        intake_.reset();
        later_->conduit().end_content(UploadEnd::complete);
        return progress;
      case PartReader::State::error:
        progress.state = fail_later(outcome.status, outcome.reason);
        return progress;
    }
  }
  return progress;
}

Dialogue::Progress Exchange::feed_tunnel(std::string_view input) {
  if (input.empty() || !wants_content()) {
    return {};
  }
  later_->conduit().give_part(input);
  return {.used = input.size()};
}

/// Puts together what has been answered so far.
Dialogue::State Exchange::pump() {
  for (std::uint64_t moved = 0; moved < kFill && engine_->output.room() >= kAnswerRoom;) {
    Conduit::Delivery delivery = later_->take();
    if (delivery.head == Conduit::Head::whole) {
      Http1Sink sink(engine_->output);
      const AnswerContext context = later_->context(decide_end(intake_ == nullptr));
      later_->add_whole(std::move(delivery), context, sink);
      return end_later();
    }
    if (delivery.head != Conduit::Head::none && open_later(delivery) == Opened::complete) {
      return end_later();
    }
    moved += delivery.bytes.size() + delivery.response.body.size();
    put_part(std::move(delivery.response.body));
    put_part(std::move(delivery.bytes));
    if (delivery.end == Conduit::End::finished) {
      engine_->output.append(is_chunked_ ? kLastChunk : std::string_view());
      later_->complete();
      return end_later();
    }
    if (delivery.end == Conduit::End::aborted) {
      return break_off();
    }
    if (!delivery.has_drained) {
      return State::waiting;
    }
    later_->conduit().tell_drained();
  }
  return State::crowded;
}

/// Decides what comes after the answer, and how its head says that.
ConnectionField Exchange::decide_end(bool may_stay) {
  if (after_later_ == State::hungry && (!may_stay || engine_->is_draining)) {
    after_later_ = State::over;
  }
  const bool is_old = version_ == http::Version::http_1_0;
  const auto staying = is_old ? ConnectionField::keep_alive : ConnectionField::none;
  return after_later_ == State::hungry ? staying : ConnectionField::close;
}

Opened Exchange::open_later(Conduit::Delivery& delivery) {
  const bool is_tunnel = delivery.head == Conduit::Head::tunnel;
  is_chunked_ = !is_tunnel && version_ == http::Version::http_1_1;
  std::string framing(is_chunked_ ? kChunked : std::string_view());
  if (is_tunnel) {
    delivery.response.status = Status::switching_protocols;
    framing = "Connection: Upgrade\r\nUpgrade: " + std::string(later_->conduit().protocol) + "\r\n";
  }
  Http1Sink sink(engine_->output);
  const AnswerContext context = later_->context(decide_end(is_chunked_));
  return later_->open(delivery, framing, context, sink);
}

void Exchange::put_part(std::string bytes) {
  if (bytes.empty()) {
    return;
  }
  later_->count(bytes.size());
  if (is_chunked_) {
    std::array<char, 2 * sizeof bytes.size() + 2> line;
    char* const end = std::to_chars(line.data(), line.data() + line.size(), bytes.size(), 16).ptr;
    engine_->output.append({line.data(), static_cast<std::size_t>(end - line.data())});
    engine_->output.append("\r\n");
    bytes += "\r\n";
  }
  if (bytes.size() <= kCopied) {
    engine_->output.append(bytes);
    return;
  }
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  engine_->output.add({.bytes = owner->data(), .length = owner->size(), .owner = owner});
}

/// The answer is complete. Content that nobody has taken makes it the last one.
Dialogue::State Exchange::end_later() {
  const State after = intake_ != nullptr ? State::cut_short : after_later_;
  later_.reset();
  intake_.reset();
  has_answered_ = true;
  return after;
}

/// Ends an answer that has begun so that it can't be taken for a complete one.
Dialogue::State Exchange::break_off() {
  const bool shows = is_chunked_ || later_->is_tunnel();
  later_.reset();
  intake_.reset();
  return shows ? State::cut_short : State::broken;
}

/// The content does not come as it should.
Dialogue::State Exchange::fail_later(Status status, const char* reason) {
  later_->blame(reason);
  if (later_->has_begun()) {
    return break_off();
  }
  Http1Sink sink(engine_->output);
  later_->refuse(status, later_->context(ConnectionField::close), sink);
  later_.reset();
  intake_.reset();
  return State::cut_short;
}

}  // namespace seabag::server
