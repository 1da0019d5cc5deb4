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
#include "seabag/http2/session.h"
#include "seabag/net/address.h"

namespace seabag::server {

/// The dialogue in HTTP/2: many requests at once, answers in the order of their priorities.
class Http2Exchange final : public Dialogue {
 public:
  /// Both must outlive this.
  Http2Exchange(Engine& engine, const net::Peer& client);
  ~Http2Exchange() override;

  Progress take(std::string_view input) override;
  [[nodiscard]] net::Milliseconds deadline() const override;
  State on_deadline() override;
  State drain() override;

 private:
  /// A request whose content is on its way.
  struct Reading;

  void handle(const http2::Event& event);
  void begin(const http2::Event& event);
  void take_content(const http2::Event& event);
  void answer(http2::Slot slot, const Asked& asked);
  void refuse(http2::Slot slot, const Asked& asked, const Refusal& refusal);
  void give_up(http2::Slot slot, const Refusal& refusal);
  template <typename Answer>
  void respond(http2::Slot slot, const Answer& answer);
  void forget(http2::Slot slot);
  State fill();
  void put_control();
  [[nodiscard]] net::Milliseconds deadline_of(const Reading& reading) const;
  [[nodiscard]] net::Milliseconds idle_deadline() const;

  Engine* engine_;
  const net::Peer* client_;
  http2::Session session_;
  std::vector<std::unique_ptr<Reading>> reading_;        ///< by slot
  std::vector<std::unique_ptr<StreamContent>> content_;  ///< by slot
  std::size_t readings_ = 0;
  std::size_t gathered_ = 0;  ///< bytes of content of all requests
  net::Milliseconds idle_since_;
  bool has_answered_ = false;
};

}  // namespace seabag::server
