#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "seabag/net/address.h"
#include "support/catch.h"
#include "support/loopback.h"
#include "support/websocket_frames.h"

namespace seabag::test {

/// A request for a WebSocket, with more field lines.
inline std::string upgrade_request(const std::string& path, const std::string& fields = {}) {
  return "GET " + path +
         " HTTP/1.1\r\nHost: app.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         fields + "\r\n";
}

/// Sends all of it, or what is taken before the server ends the connection; whether all went. For
/// threads beside the one that has the assertions.
inline bool send_until_lost(const Loopback& client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(client.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// A WebSocket client that waits for what it expects. A failure ends the test case. One thread at a
/// time.
class WebSocketClient {
 public:
  WebSocketClient(const net::Address& address, const std::string& path,
                  const std::string& fields = {}, int receive_space = 0)
      : socket(address, receive_space) {
    socket.send(upgrade_request(path, fields));
    reply = socket.receive_reply(ReplyBody::none);
    REQUIRE(reply.status == 101);
  }

  /// The next frame; nothing at the connection's end.
  std::optional<ServerFrame> receive() {
    std::string bytes = socket.receive(2);
    if (bytes.size() < 2) {
      return std::nullopt;
    }
    bytes += socket.receive(server_header_size(bytes) - bytes.size());
    bytes += socket.receive(static_cast<std::size_t>(server_length(bytes)));
    return take_server_frame(bytes);
  }
  /// The payload of the next frame, which must be of this kind.
  std::string receive(websocket::Opcode opcode) {
    const std::optional<ServerFrame> frame = receive();
    REQUIRE(frame);
    REQUIRE(frame->opcode == opcode);
    return frame->payload;
  }
  std::string receive_text() { return receive(websocket::Opcode::text); }
  /// The code of the Close that comes next; the connection ends after ours.
  unsigned receive_close() {
    const std::optional<ServerFrame> frame = receive();
    REQUIRE(frame);
    REQUIRE(frame->opcode == websocket::Opcode::close);
    return frame->code();
  }

  void send_text(std::string_view text) { send(websocket::Opcode::text, text); }
  void send(websocket::Opcode opcode, std::string_view payload) {
    socket.send(client_frame(opcode, payload));
  }
  /// Sends a text and expects it back.
  std::string ask(std::string_view text) {
    send_text(text);
    return receive_text();
  }
  /// Ends it as both sides should.
  void close() {
    socket.send(client_close(1000));
    CHECK(receive_close() == 1000);
    CHECK(socket.receive_all().empty());
  }

  Loopback socket;
  Reply reply;
};

}  // namespace seabag::test
