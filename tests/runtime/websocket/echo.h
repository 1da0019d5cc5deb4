#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/websocket/session.h"
#include "support/catch.h"
#include "support/websocket_cases.h"
#include "support/websocket_frames.h"

namespace seabag::test {

/// A server without a socket that sends every message back.
class Echo {
 public:
  explicit Echo(const websocket::Limits& limits = {},
                const std::optional<websocket::DeflateAgreement>& deflate = {})
      : session(limits, deflate) {}

  /// Takes all of it, a piece at a time.
  void take(std::string_view bytes, std::size_t step = ~std::size_t{0}) {
    for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size() - at)) {
      // A copy of exactly its size, so that reading past the end is seen.
      const std::vector<char> piece(
          bytes.begin() + static_cast<std::ptrdiff_t>(at),
          bytes.begin() + static_cast<std::ptrdiff_t>(at + std::min(step, bytes.size() - at)));
      take_piece({piece.data(), piece.size()});
    }
  }

  std::string said;
  websocket::Event last;  ///< without its payload
  std::string last_payload;
  websocket::Workspace workspace;
  websocket::Session session;

 private:
  void take_piece(std::string_view piece) {
    while (true) {
      const websocket::Event event = session.take(piece, workspace);
      if (event.used > piece.size()) {  // not REQUIRE alone, which takes its time a byte
        FAIL("more than there is");
      }
      piece.remove_prefix(event.used);
      if (event.kind == websocket::Event::Kind::message) {
        answer(event);
      }
      said += session.control();
      session.control_sent();
      if (event.kind == websocket::Event::Kind::need_more) {
        if (!piece.empty() && !session.is_over()) {
          FAIL("not all is taken");
        }
        return;
      }
      last = event;
      last_payload = event.payload;
    }
  }

  void answer(const websocket::Event& event) {
    websocket::SharedMessage message = websocket::Message::binary(std::string(event.payload));
    if (event.message == websocket::MessageKind::text) {
      auto text = websocket::Message::text(std::string(event.payload));
      REQUIRE(text);
      message = *text;
    }
    const websocket::OutgoingFrame frame = session.frame(message, workspace);
    said += std::string(frame.header.text()) + std::string(frame.payload);
  }
};

}  // namespace seabag::test
