#pragma once

#include <string>

#include "protocol.h"
#include "seabag/http/response_reader.h"

namespace seabag::load {

/// HTTP/1.1 with keep-alive, and pipelined when more than one request may be under way. All
/// requests are the same bytes, which are sent from where they are.
class Http1Protocol final : public Protocol {
 public:
  /// `request` must outlive this.
  Http1Protocol(const std::string& request, http::AnswerContent content, std::size_t depth);

  [[nodiscard]] std::size_t room() const override { return starts_.size() - open_; }
  [[nodiscard]] bool is_idle() const override { return open_ == 0; }
  void begin(Moment start) override;
  [[nodiscard]] bool has_output() const override { return unsent_ != 0; }
  [[nodiscard]] net::TransferState send(net::Stream& stream) override;
  [[nodiscard]] Judgement receive(std::string_view bytes, Answers& answers) override;
  [[nodiscard]] Judgement end(Answers& answers) override;
  [[nodiscard]] std::vector<Moment> open_requests() const override;
  void reset() override;

 private:
  Judgement read(std::string_view bytes, std::size_t& consumed, Answers& answers);
  Judgement take_answer(Answers& answers);

  const std::string& request_;
  http::AnswerContent content_;
  http::ResponseReader reader_;
  std::vector<Moment> starts_;  ///< a ring, as large as requests may be under way
  std::size_t oldest_ = 0;
  std::size_t open_ = 0;
  std::size_t unsent_ = 0;  ///< requests, the one that is half sent among them
  std::size_t offset_ = 0;  ///< bytes of that one that are gone
  std::string head_;        ///< the start of a head that is not complete
};

}  // namespace seabag::load
