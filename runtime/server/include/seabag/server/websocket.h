#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/server/router.h"
#include "seabag/vfs/result.h"
#include "seabag/websocket/deflate.h"
#include "seabag/websocket/frame.h"
#include "seabag/websocket/limits.h"
#include "seabag/websocket/message.h"

namespace seabag::server {

class SocketLink;

/// What became of a message that was to be sent.
enum class Sent : std::uint8_t {
  queued,     ///< it is on its way, or waits behind others
  dropped,    ///< too much waits already, and SocketOptions::overflow says so
  closed,     ///< the connection is closed, or closes
  malformed,  ///< a text that is not UTF-8
};

/// One WebSocket. Copies are the same one; keeping them keeps no connection open. Safe for
/// concurrent use, also after the connection and the server have ended: then nothing happens.
class Socket {
 public:
  /// For the server.
  explicit Socket(std::shared_ptr<SocketLink> link) : link_(std::move(link)) {}

  /// Returns at once; what the client does not take yet waits in memory (see `buffered`). Messages
  /// of one thread arrive in their order.
  Sent send_text(std::string text) const;
  Sent send_binary(std::string bytes) const;
  /// For a message to many: its bytes, and its compressed form, are made once and shared.
  Sent send(const websocket::SharedMessage& message) const;

  /// Says Close behind what waits; `on_close` follows when the client has answered, or has not done
  /// so in time. Messages that come meanwhile are thrown away.
  void close(websocket::CloseCode code = websocket::CloseCode::normal,
             std::string_view reason = {}) const;

  [[nodiscard]] bool is_open() const;
  /// Bytes of messages that wait for the client, but for the last 64 KB or so.
  [[nodiscard]] std::size_t buffered() const;
  /// The chosen subprotocol; empty for none.
  [[nodiscard]] std::string_view protocol() const;

  /// The same connection; an order for containers.
  friend bool operator==(const Socket&, const Socket&) = default;
  friend auto operator<=>(const Socket&, const Socket&) = default;

 private:
  std::shared_ptr<SocketLink> link_;
};

/// A message from a client, valid during the call. A text is UTF-8.
struct SocketMessage {
  websocket::MessageKind kind = websocket::MessageKind::text;
  std::string_view payload = {};
};

/// Why a WebSocket is over: what the client said; or what it was told when it broke a rule, when a
/// handler threw or when too much waited; CloseCode::abnormal when the connection was lost.
struct SocketEnd {
  websocket::CloseCode code = websocket::CloseCode::abnormal;
  std::string_view reason = {};
};

/// What an app does with the WebSockets of one route; any of them may be empty. Called by the
/// thread of the server's loop: they must not block. Where servers run in several threads each
/// socket has one of them. An exception derived from std::exception closes the socket with 1011,
/// and its text is the reason that `on_close` gets.
struct SocketHandlers {
  /// The handshake is done; the request is valid during the call.
  std::function<void(const Socket& socket, const Request& request)> on_open = {};
  std::function<void(const Socket& socket, const SocketMessage& message)> on_message = {};
  /// Once, and last.
  std::function<void(const Socket& socket, const SocketEnd& end)> on_close = {};
};

/// What to do with a message when more waits for its client than may.
enum class Overflow : std::uint8_t {
  close,  ///< the connection, with 1013: the client would miss something
  drop,   ///< the message: a newer one will replace it anyway
};

struct SocketOptions {
  /// Names of subprotocols, see websocket::HandshakeOptions.
  std::vector<std::string> protocols = {};
  /// Nothing: messages are never compressed.
  std::optional<websocket::DeflateOptions> deflate = websocket::DeflateOptions{};
  /// Of what a client sends.
  websocket::Limits limits = {};
  /// Bytes of messages that may wait for one client; a single message always may.
  std::size_t buffered = std::size_t{1024} * 1024;
  Overflow overflow = Overflow::close;
  /// A client that has said nothing for that long is asked whether it is there; 0: never.
  std::chrono::milliseconds ping_after{30'000};
  /// And how long it may take to answer, or to answer a Close.
  std::chrono::milliseconds answer_within{10'000};
  /// Whether a request may open a WebSocket, else 403. Null: pages of the same host and port, and
  /// clients that are no browsers (see websocket::is_same_origin).
  std::function<bool(const Request&)> allows = {};
};

/// Adds a route for WebSockets: an upgrade of HTTP/1.1 (RFC 6455) or an extended CONNECT of HTTP/2
/// (RFC 8441), in clear text or over TLS. A GET that asks for neither is answered with 426, unless
/// the pattern has a handler for GET already. While an answer waits for a client nothing more is
/// read from it. When the server stops it says Close with 1001. Errors: as Router::add.
[[nodiscard]] Result<void> add_websocket(Router& router, std::string_view pattern,
                                         SocketHandlers handlers, SocketOptions options = {});

/// Sockets that hear the same messages. Safe for concurrent use.
class SocketGroup {
 public:
  void add(const Socket& socket);
  void remove(const Socket& socket);
  /// To all of them. Those that are closed are removed.
  void send(const websocket::SharedMessage& message);
  [[nodiscard]] std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Socket> sockets_;
};

}  // namespace seabag::server
