#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "answer.h"
#include "seabag/http2/response_encoder.h"
#include "seabag/http2/session.h"

namespace seabag::server {

/// Content of one answer that has not gone yet. One thread at a time.
class StreamContent {
 public:
  void add_copy(std::string_view bytes);
  void add(Segment segment);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Moves `length` bytes, of which there are as many, to the output.
  void take(std::uint64_t length, Output& output);
  /// For the next answer; keeps a little memory.
  void clear();

  /// When the request was complete, for AnswerTimes; 0: nobody asks.
  std::uint64_t begun = 0;

 private:
  std::vector<Segment> segments_;
  std::size_t first_ = 0;
  std::uint64_t size_ = 0;
};

/// Writes one answer as HTTP/2 does: its head goes to the output at once, its content waits for its
/// turn. One thread at a time.
class Http2Sink final : public AnswerSink {
 public:
  struct Parts {
    http2::Session& session;
    http2::ResponseEncoder& encoder;
    http2::EncoderTable& table;  ///< of the connection
    Output& output;
    StreamContent& content;
  };
  /// All must outlive this.
  Http2Sink(const Parts& parts, http2::Slot slot) : parts_(parts), slot_(slot) {}

  void add_head(const http::ResponseHead& head) override;
  void add_copy(std::string_view bytes) override { parts_.content.add_copy(bytes); }
  void add(Segment segment) override { parts_.content.add(std::move(segment)); }

  /// The answer is complete. Whether content is left to be sent.
  http2::Ending finish();

 private:
  Parts parts_;
  http2::Slot slot_;
  std::span<char> frames_;  ///< of the head, in the output
};

}  // namespace seabag::server
