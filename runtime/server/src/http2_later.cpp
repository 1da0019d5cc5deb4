// What Http2Exchange does while requests are answered by somebody else, later.
#include "http2_later.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace seabag::server {
namespace {

using http2::Ending;
using http2::Slot;

/// Content of one answer that may wait for the client's window, besides what waits in its conduit.
constexpr std::uint64_t kStreamAhead = Reply::kAhead;
/// Content of requests that one connection may have in memory.
constexpr std::size_t kMostGathered = std::size_t{1024} * 1024;

/// The start of an interim answer, 103.
constexpr std::string_view kHintsBlock =
    "\x08\x03"
    "103";

}  // namespace

Http2Exchange::Later* Http2Exchange::later_at(Slot slot) const {
  return slot < later_.size() ? later_[slot].get() : nullptr;
}

void Http2Exchange::on_stirred(Conduit& conduit) {
  stirred_slots_.push_back(conduit.slot);
  stirred_->stir();
}

/// Calls a handler that takes the content in parts.
void Http2Exchange::begin_parts(Slot slot, const Asked& asked, std::uint64_t limit) {
  answer(slot, asked, Ending::more);
  if (Later* const later = later_at(slot)) {
    later->limit = limit;
  }
}

void Http2Exchange::begin_later(Slot slot, AnswerRecord record, const Asked& asked, Ending ending) {
  if (later_.size() <= slot) {
    later_.resize(std::size_t{slot} + 1);
  }
  record.later->slot = slot;
  later_[slot] = std::make_unique<Later>(*engine_, std::move(record.later), asked, *this);
  ++laters_;
  later_[slot]->client_has_ended = ending == Ending::ends;
  go_on(slot);
  if (later_at(slot) != nullptr && !later_[slot]->answer.has_begun()) {
    say_hints(slot);
  }
}

/// Tells what will be needed while the answer is awaited. HTTP/1.1 never has this: too many clients
/// take an interim answer for the final one.
void Http2Exchange::say_hints(Slot slot) {
  const std::string& lines = later_[slot]->answer.conduit().hints;
  if (lines.empty()) {
    return;
  }
  std::string fields(kHintsBlock);
  http2::append_lines(fields, lines);
  put_interim(slot, fields);
}

void Http2Exchange::go_on(Slot slot) {
  if (later_at(slot) != nullptr) {
    feed(slot);
  }
  if (later_at(slot) != nullptr) {
    pump(slot);
  }
}

/// Content has come. Who takes it gets it at once, or it waits here, which holds the window back.
void Http2Exchange::take_part(Slot slot, std::string_view part, Ending ending) {
  Later& later = *later_[slot];
  later.received += part.size();
  if (later.limit && later.received > *later.limit) {
    fail_later(slot,
               {.status = http::Status::content_too_large, .reason = "the content is too large"});
    return;
  }
  if (gathered_ + part.size() > std::max(kMostGathered, engine_->limits.body)) {
    fail_later(slot, {.status = http::Status::service_unavailable,
                      .reason = "too much content at once on one connection"});
    return;
  }
  later.unread += part;
  gathered_ += part.size();
  later.client_has_ended = ending == Ending::ends;
  go_on(slot);
}

void Http2Exchange::feed(Slot slot) {
  Later& later = *later_[slot];
  Conduit& conduit = later.answer.conduit();
  const net::Milliseconds now = engine_->loop.now();
  if (!conduit.wants_content()) {
    later.held = later.held.value_or(now);
    // Content that is not there needs nobody who wants it.
    if (later.client_has_ended && later.received == 0) {
      conduit.end_content(UploadEnd::complete);
    }
    return;
  }
  if (later.held) {
    later.started += now - *std::exchange(later.held, std::nullopt);
  }
  const std::string part = std::exchange(later.unread, {});
  gathered_ -= part.size();
  if (!part.empty()) {
    session_.consume(slot, part.size());
    conduit.give_part(part);
  }
  if (later.client_has_ended) {
    conduit.end_content(UploadEnd::complete);
  }
}

/// Takes what has been answered so far, as much as may wait for the client.
void Http2Exchange::pump(Slot slot) {
  Later& later = *later_[slot];
  while (!later.is_done && content_[slot]->size() < kStreamAhead) {
    Conduit::Delivery delivery = later.answer.take();
    if (delivery.head != Conduit::Head::none) {
      put_head(slot, delivery);
      if (later_at(slot) == nullptr || later.is_done) {
        return;
      }
    }
    put_part(slot, std::move(delivery.response.body));
    put_part(slot, std::move(delivery.bytes));
    if (delivery.end == Conduit::End::finished) {
      if (!later.client_has_ended) {
        session_.discard(slot);
      }
      session_.offer(slot, 0, Ending::ends);
      later.answer.complete();
      later.is_done = true;
    } else if (delivery.end == Conduit::End::aborted) {
      session_.reset(slot, http2::ErrorCode::internal_error);
      forget(slot);
      return;
    } else if (!delivery.has_drained) {
      return;
    } else {
      later.answer.conduit().tell_drained();
    }
  }
}

void Http2Exchange::put_head(Slot slot, Conduit::Delivery& delivery) {
  LaterAnswer& answer = later_[slot]->answer;
  const AnswerContext context = answer.context(http::ConnectionField::none);
  Http2Sink sink = make_sink(slot);
  if (delivery.head == Conduit::Head::whole) {
    answer.add_whole(std::move(delivery), context, sink);
    end_later(slot, sink);
  } else if (answer.open(delivery, {}, context, sink) == Opened::complete) {
    end_later(slot, sink);
  }
}

void Http2Exchange::put_part(Slot slot, std::string bytes) {
  if (bytes.empty()) {
    return;
  }
  later_[slot]->answer.count(bytes.size());
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  content_[slot]->add({.bytes = owner->data(), .length = owner->size(), .owner = owner});
  session_.offer(slot, owner->size(), Ending::more);
}

/// The answer is whole.
void Http2Exchange::end_later(Slot slot, Http2Sink& sink) {
  later_[slot]->is_done = true;
  if (!later_[slot]->client_has_ended) {
    session_.discard(slot);
  }
  if (sink.finish() == Ending::ends) {
    forget(slot);
  }
}

/// The content of a request does not come as it should.
void Http2Exchange::fail_later(Slot slot, const Refusal& refusal) {
  LaterAnswer& answer = later_[slot]->answer;
  answer.blame(refusal.reason);
  if (answer.has_begun()) {
    session_.reset(slot, http2::ErrorCode::cancel);
    forget(slot);
    return;
  }
  Http2Sink sink = make_sink(slot);
  answer.refuse(refusal.status, answer.context(http::ConnectionField::none), sink);
  answer.conduit().close();
  end_later(slot, sink);
}

net::Milliseconds Http2Exchange::deadline_of(const Later& later) const {
  const bool is_due = later.limit && !later.client_has_ended && !later.held && !later.is_done;
  return is_due ? later.started + engine_->limits.content_time(later.received)
                : ~net::Milliseconds{0};
}

net::Milliseconds Http2Exchange::first_deadline() const {
  net::Milliseconds first = ~net::Milliseconds{0};
  for (const std::unique_ptr<Later>& later : later_) {
    first = later != nullptr ? std::min(first, deadline_of(*later)) : first;
  }
  return first;
}

void Http2Exchange::check_deadlines(net::Milliseconds now) {
  for (std::size_t slot = 0; slot < later_.size(); ++slot) {
    if (later_[slot] != nullptr && now >= deadline_of(*later_[slot])) {
      fail_later(static_cast<Slot>(slot), {.status = http::Status::request_timeout,
                                           .reason = "the content did not come in time"});
    }
  }
}

}  // namespace seabag::server
