#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include "body_reader.h"
#include "dialogue.h"
#include "engine.h"
#include "later_answer.h"
#include "part_reader.h"
#include "seabag/http/request_parser.h"
#include "seabag/net/address.h"

namespace seabag::server {

/// The dialogue in HTTP/1.1: one request after the other.
class Exchange final : public Dialogue, public ConduitHost {
 public:
  /// All must outlive this.
  Exchange(Engine& engine, const net::Peer& client, Stirred& stirred);

  Progress take(std::string_view input) override;
  [[nodiscard]] net::Milliseconds deadline() const override;
  State on_input_end() override;
  State on_deadline() override;
  State drain() override;
  void on_stirred(Conduit& conduit) override;

 private:
  /// Content that a handler takes in parts.
  struct Intake {
    PartReader reader;
    net::Milliseconds started;
    std::optional<net::Milliseconds> held = {};  ///< since when nobody wants any
    bool owes_continue = false;
  };

  Progress go_on(std::string_view input);
  Progress feed(std::string_view input);
  Progress feed_tunnel(std::string_view input);
  [[nodiscard]] bool wants_content();
  State pump();
  http::ConnectionField decide_end(bool may_stay);
  Opened open_later(Conduit::Delivery& delivery);
  void put_part(std::string bytes);
  State end_later();
  State break_off();
  State fail_later(http::Status status, const char* reason);
  Progress take_head(std::string_view input);
  Progress take_content(std::string_view input);
  Progress begin_content(std::string_view head_bytes, std::string_view content);
  State answer(std::string_view content, State after);
  State answer_again(const PreparedAnswer& prepared);
  State end_answer(State after);
  [[nodiscard]] http::ConnectionField staying() const;
  Progress answer_error(http::Status status, const char* reason);
  void restore_head(const BodyReader& body);
  [[nodiscard]] net::Milliseconds content_deadline() const;

  Engine* engine_;
  const net::Peer* client_;
  Stirred* stirred_;
  http::ParseProgress progress_;                     ///< of the head at the start of the next input
  std::unique_ptr<BodyReader> body_;                 ///< content that is on its way
  std::unique_ptr<LaterAnswer> later_;               ///< the answer that somebody else gives
  std::unique_ptr<Intake> intake_;                   ///< content for the same
  http::Version version_ = http::Version::http_1_1;  ///< of that request
  State after_later_ = State::hungry;
  State later_state_ = State::waiting;  ///< what it wants of the client
  bool is_chunked_ = false;             ///< that answer
  net::Milliseconds head_started_;
  bool is_in_head_ = false;
  bool has_answered_ = false;
  bool is_waiting_ = false;  ///< the responder must be asked again about the next request
  bool ends_soon_ = false;   ///< a drain waits for one more request, but not for long
};

}  // namespace seabag::server
