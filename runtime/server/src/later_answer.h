#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "answer.h"
#include "conduit.h"
#include "engine.h"
#include "handler_answer.h"
#include "seabag/net/timer_wheel.h"

namespace seabag::server {

/// The loop's end of a conduit, from the call of its handler until the answer is complete or has
/// come to nothing, which it tells the access log. One thread at a time.
class LaterAnswer final : public net::TimerHandler {
 public:
  /// `host` must outlive this; of `asked` it keeps what the log wants.
  LaterAnswer(Engine& engine, std::shared_ptr<Conduit> conduit, const Asked& asked,
              ConduitHost& host);
  LaterAnswer(const LaterAnswer&) = delete;
  LaterAnswer& operator=(const LaterAnswer&) = delete;
  ~LaterAnswer() override;

  [[nodiscard]] Conduit& conduit() { return *conduit_; }

  /// As Conduit::take, and notes trouble.
  [[nodiscard]] Conduit::Delivery take();
  /// Adds the head of an answer whose content follows (see add_opening).
  [[nodiscard]] Opened open(Conduit::Delivery& delivery, std::string_view framing,
                            const AnswerContext& context, AnswerSink& sink);
  /// Adds a whole answer.
  void add_whole(Conduit::Delivery delivery, const AnswerContext& context, AnswerSink& sink);
  /// Adds a page that says no instead of what nobody will give any more.
  void refuse(http::Status status, const AnswerContext& context, AnswerSink& sink);
  /// So many bytes of content have gone.
  void count(std::uint64_t bytes) { record_.content_length += bytes; }
  /// The answer is complete; otherwise the log says that it is not.
  void complete() { is_complete_ = true; }
  /// Why it is not.
  void blame(const char* trouble);

  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] bool is_tunnel() const { return is_tunnel_; }
  /// What carries an answer of this conduit.
  [[nodiscard]] AnswerContext context(http::ConnectionField connection) const;

  void on_timer(net::Timer& timer) override;

 private:
  void begin();
  void polish(Response& response);
  void watch_heart(const Conduit::Delivery& delivery);
  void beat();
  void check_silence();

  Engine* engine_;
  std::shared_ptr<Conduit> conduit_;
  KeptEntry entry_;
  AnswerPart part_;
  AnswerRecord record_;
  std::string trouble_;
  net::Timer heart_;
  net::Timer silence_;
  std::chrono::milliseconds silence_interval_{0};
  std::chrono::steady_clock::time_point quiet_since_{};
  net::Milliseconds written_ = 0;
  std::uint64_t begun_;  ///< when the request was complete, or its handler was called
  bool has_begun_ = false;
  bool is_tunnel_ = false;
  bool is_complete_ = false;
};

}  // namespace seabag::server
