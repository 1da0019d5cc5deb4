#pragma once

#include "answer.h"

namespace seabag::server {

/// Writes answers as HTTP/1.1 does, one behind the other. One thread at a time.
class Http1Sink final : public AnswerSink {
 public:
  /// `output` must outlive this.
  explicit Http1Sink(Output& output) : output_(&output) {}

  void add_head(const http::ResponseHead& head) override;
  void add_copy(std::string_view bytes) override;
  void add(Segment segment) override;

 private:
  Output* output_;
};

}  // namespace seabag::server
