#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialogue.h"
#include "engine.h"
#include "http2_engine.h"
#include "later_answer.h"
#include "seabag/http2/session.h"
#include "seabag/net/address.h"

namespace seabag::server {

/// The dialogue in HTTP/2: many requests at once, answers in the order of their priorities.
class Http2Exchange final : public Dialogue, public ConduitHost {
 public:
  /// All must outlive this.
  Http2Exchange(Engine& engine, const net::Peer& client, Stirred& stirred);
  ~Http2Exchange() override;

  Progress take(std::string_view input) override;
  [[nodiscard]] net::Milliseconds deadline() const override;
  State on_input_end() override { return State::over; }
  State on_deadline() override;
  State drain() override;
  void on_stirred(Conduit& conduit) override;

 private:
  /// A request whose content is on its way.
  struct Reading;
  /// A request that somebody else answers, and may take the content of.
  struct Later;
  /// A request about which the responder must be asked again; nothing else is taken until then.
  struct Parked;

  void handle(const http2::Event& event);
  void begin(http2::Slot slot, const Asked& asked, http2::Ending ending);
  bool resume();
  void take_content(const http2::Event& event);
  void answer(http2::Slot slot, const Asked& asked, http2::Ending ending = http2::Ending::ends);
  void begin_parts(http2::Slot slot, const Asked& asked, std::uint64_t limit);
  /// Fields of an interim answer, as a block.
  void put_interim(http2::Slot slot, std::string_view fields);
  void say_hints(http2::Slot slot);
  void refuse(http2::Slot slot, const Asked& asked, const Refusal& refusal);
  void give_up(http2::Slot slot, const Refusal& refusal);
  [[nodiscard]] Later* later_at(http2::Slot slot) const;
  void begin_later(http2::Slot slot, AnswerRecord record, const Asked& asked, http2::Ending ending);
  void go_on(http2::Slot slot);
  void take_part(http2::Slot slot, std::string_view part, http2::Ending ending);
  void feed(http2::Slot slot);
  void pump(http2::Slot slot);
  void put_head(http2::Slot slot, Conduit::Delivery& delivery);
  void put_part(http2::Slot slot, std::string bytes);
  void end_later(http2::Slot slot, Http2Sink& sink);
  void fail_later(http2::Slot slot, const Refusal& refusal);
  void check_deadlines(net::Milliseconds now);
  [[nodiscard]] net::Milliseconds first_deadline() const;
  [[nodiscard]] net::Milliseconds deadline_of(const Later& later) const;
  [[nodiscard]] Http2Sink make_sink(http2::Slot slot);
  template <typename Answer>
  void respond(http2::Slot slot, const Answer& answer);
  void forget(http2::Slot slot);
  State fill();
  void put_control();
  [[nodiscard]] net::Milliseconds deadline_of(const Reading& reading) const;
  [[nodiscard]] net::Milliseconds idle_deadline() const;

  Engine* engine_;
  const net::Peer* client_;
  Stirred* stirred_;
  http2::Session session_;
  http2::EncoderTable encoder_table_;
  std::vector<std::unique_ptr<Reading>> reading_;        ///< by slot
  std::vector<std::unique_ptr<StreamContent>> content_;  ///< by slot
  std::vector<std::unique_ptr<Later>> later_;            ///< by slot
  std::vector<http2::Slot> stirred_slots_;
  std::unique_ptr<Parked> parked_;
  std::size_t readings_ = 0;
  std::size_t laters_ = 0;
  std::size_t gathered_ = 0;  ///< bytes of content of all requests
  net::Milliseconds idle_since_;
  bool has_answered_ = false;
};

}  // namespace seabag::server
