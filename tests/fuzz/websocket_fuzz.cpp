// WebSocket: the first byte chooses what is agreed on; the rest is what a client sends, whole and
// in pieces, or, when the byte's high bit is set, the field lines of its handshake.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/request_parser.h"
#include "seabag/websocket/handshake.h"
#include "seabag/websocket/session.h"

namespace {

using namespace seabag::websocket;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

constexpr Limits kLimits{.message = 100'000, .frame = 50'000, .fragments = 1000};

std::optional<DeflateAgreement> agreement(std::uint8_t choice) {
  if ((choice & 1U) == 0) {
    return std::nullopt;
  }
  return DeflateAgreement{.server_takeover = (choice & 2U) != 0 ? Takeover::kept : Takeover::none,
                          .client_takeover = (choice & 4U) != 0 ? Takeover::kept : Takeover::none,
                          .client_window_bits = (choice & 8U) != 0 ? 9 : 15,
                          .shortest = 16};
}

/// A server that sends everything back, and all that it has heard.
class Server {
 public:
  explicit Server(std::uint8_t choice) : session_(kLimits, agreement(choice)) {}

  void take(std::string_view input) {
    // A copy of exactly its size, so that reading past the end is seen.
    const std::vector<char> copy(input.begin(), input.end());
    std::string_view rest(copy.data(), copy.size());
    while (true) {
      const Event event = session_.take(rest, workspace_);
      require(event.used <= rest.size());
      rest.remove_prefix(event.used);
      if (event.kind == Event::Kind::need_more) {
        require(rest.empty() || session_.is_over());
        return;
      }
      note(event);
      session_.control_sent();
    }
  }

  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  void note(const Event& event) {
    heard_ += static_cast<char>(event.kind);
    require(session_.control().size() <= 4096 + kLongestHeader + kLongestControl);
    if (event.kind == Event::Kind::failed) {
      // Which of two rules is found broken first may depend on the pieces; that one is may not.
      require(may_be_sent(event.code) && session_.is_over());
      return;
    }
    require(event.payload.size() <= kLimits.message);
    heard_.append(event.payload).append("\n");
    if (event.kind == Event::Kind::message) {
      send_back(event);
    }
  }

  void send_back(const Event& event) {
    SharedMessage message = Message::binary(std::string(event.payload));
    if (event.message == MessageKind::text) {
      const auto text = Message::text(std::string(event.payload));
      require(text.has_value());
      message = *text;
    }
    const OutgoingFrame frame = session_.frame(message, workspace_);
    require(frame.owner != nullptr && frame.header.size >= 2);
  }

  Workspace workspace_;
  Session session_;
  std::string heard_;
};

void shake_hands(std::string_view fields) {
  const std::string text =
      "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      std::string(fields) + "\r\n\r\n";
  seabag::http::RequestHead head;
  const auto outcome = seabag::http::parse_request_head(text, {}, head);
  if (outcome.state != seabag::http::ParseState::complete) {
    return;
  }
  HandshakeOptions options{.protocols = {"chat", "v2.chat"}, .deflate = DeflateOptions{}};
  options.deflate->server_takeover = Takeover::kept;
  options.deflate->client_takeover = Takeover::kept;
  for (const Handshake& handshake :
       {answer_upgrade(head, options), answer_connect(head, options)}) {
    require(handshake.is_accepted() == (std::string_view(handshake.reason).empty()));
    for (const auto& [name, value] : handshake.fields) {
      require(value.find_first_of("\r\n") == std::string::npos && !value.empty());
    }
    if (handshake.deflate) {
      require(handshake.deflate->server_window_bits >= kSmallestWindowBits &&
              handshake.deflate->server_window_bits <= kLargestWindowBits);
      require(handshake.deflate->client_window_bits >= 8 &&
              handshake.deflate->client_window_bits <= kLargestWindowBits);
    }
  }
  (void)is_same_origin(head);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string input(data + 1, data + size);
  if ((data[0] & 0x80U) != 0) {
    shake_hands(input);
    return 0;
  }
  Server whole(data[0]);
  whole.take(input);
  Server pieces(data[0]);
  const std::size_t step = input.size() / 50 + 1;
  for (std::size_t at = 0; at < input.size(); at += step) {
    pieces.take(std::string_view(input).substr(at, step));
  }
  require(whole.heard() == pieces.heard());
  return 0;
}
