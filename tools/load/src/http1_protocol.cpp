#include "http1_protocol.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <utility>

namespace seabag::load {

namespace {

// Requests that go with one call: more would not fit into a socket's buffer anyway.
constexpr std::size_t kMostTogether = 64;

}  // namespace

Http1Protocol::Http1Protocol(const std::string& request, http::AnswerContent content,
                             std::size_t depth)
    : request_(request),
      content_(content),
      reader_(content),
      starts_(std::max<std::size_t>(depth, 1)) {}

void Http1Protocol::begin(Moment start) {
  std::size_t place = oldest_ + open_;
  if (place >= starts_.size()) {
    place -= starts_.size();
  }
  starts_[place] = start;
  ++open_;
  ++unsent_;
}

net::TransferState Http1Protocol::send(net::Stream& stream) {
  std::array<iovec, kMostTogether> parts;  // written before they are read
  while (unsent_ != 0) {
    const std::size_t count = std::min(unsent_, parts.size());
    std::size_t skipped = offset_;
    for (std::size_t i = 0; i < count; ++i) {
      // sendmsg(2) only reads.
      parts[i] = {.iov_base = const_cast<char*>(request_.data()) + skipped,
                  .iov_len = request_.size() - skipped};
      skipped = 0;
    }
    const net::Transfer transfer = count == 1
                                       ? stream.send(std::string_view(request_).substr(offset_))
                                       : stream.send(std::span(parts.data(), count));
    const std::size_t done = offset_ + transfer.bytes;
    unsent_ -= done / request_.size();
    offset_ = done % request_.size();
    if (transfer.state != net::TransferState::complete) {
      return transfer.state;
    }
  }
  return net::TransferState::complete;
}

Judgement Http1Protocol::receive(std::string_view bytes, Answers& answers) {
  std::size_t consumed = 0;
  if (!head_.empty()) {
    // Bounded by the reader, which refuses a head that is too large.
    head_.append(bytes);
    const std::string input = std::exchange(head_, {});
    const Judgement judgement = read(input, consumed, answers);
    head_.assign(input, consumed);
    return judgement;
  }
  const Judgement judgement = read(bytes, consumed, answers);
  if (judgement.fate == Fate::goes_on && consumed < bytes.size()) {
    head_ = bytes.substr(consumed);
  }
  return judgement;
}

Judgement Http1Protocol::read(std::string_view bytes, std::size_t& consumed, Answers& answers) {
  while (consumed < bytes.size()) {
    if (open_ == unsent_ - (offset_ != 0 ? 1 : 0)) {
      return {Fate::fails, "an answer that nobody asked for"};
    }
    const http::ReadOutcome outcome = reader_.read(bytes.substr(consumed));
    consumed += outcome.consumed;
    if (outcome.state == http::ReadState::error) {
      return {Fate::fails, outcome.reason};
    }
    if (outcome.state == http::ReadState::incomplete) {
      break;
    }
    const Judgement judgement = take_answer(answers);
    if (judgement.fate != Fate::goes_on) {
      return judgement;
    }
  }
  return {};
}

Judgement Http1Protocol::take_answer(Answers& answers) {
  const Moment start = starts_[oldest_];
  oldest_ = oldest_ + 1 == starts_.size() ? 0 : oldest_ + 1;
  --open_;
  answers.on_answer(start, reader_.status());
  return {reader_.keeps_alive() ? Fate::goes_on : Fate::ends};
}

Judgement Http1Protocol::end(Answers& answers) {
  if (open_ == 0) {
    return {Fate::ends};
  }
  const http::ReadOutcome outcome = reader_.end();
  if (outcome.state == http::ReadState::complete) {
    return take_answer(answers);
  }
  return {Fate::breaks, outcome.reason};
}

std::vector<Moment> Http1Protocol::open_requests() const {
  std::vector<Moment> starts;
  for (std::size_t i = 0; i < open_; ++i) {
    starts.push_back(starts_[(oldest_ + i) % starts_.size()]);
  }
  return starts;
}

void Http1Protocol::reset() {
  reader_ = http::ResponseReader(content_);
  oldest_ = open_ = unsent_ = offset_ = 0;
  head_.clear();
}

}  // namespace seabag::load
