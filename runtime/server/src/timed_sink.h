#pragma once

#include <chrono>
#include <string>

#include "answer.h"

namespace seabag::server {

/// Adds to the head how long the server took to decide what to say: `Server-Timing` (W3C), with
/// `handle;dur=MILLISECONDS`. Everything else passes through. One thread at a time.
class TimedSink final : public AnswerSink {
 public:
  /// The time begins now. `sink` must outlive this.
  explicit TimedSink(AnswerSink& sink) : sink_(&sink), start_(std::chrono::steady_clock::now()) {}

  void add_head(const http::ResponseHead& head) override;
  void add_copy(std::string_view bytes) override { sink_->add_copy(bytes); }
  void add(Segment segment) override { sink_->add(std::move(segment)); }

 private:
  AnswerSink* sink_;
  std::chrono::steady_clock::time_point start_;
  std::string fields_;  ///< of the head, which is borrowed until the answer is complete
};

}  // namespace seabag::server
