#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/http/status.h"
#include "seabag/websocket/deflate.h"

namespace seabag::websocket {

/// What a server offers.
struct HandshakeOptions {
  /// Names of subprotocols; of those that a client asks for, the first in its order is chosen. It
  /// is told of none when it asks for none of these.
  std::vector<std::string> protocols = {};
  /// Nothing: messages are never compressed.
  std::optional<DeflateOptions> deflate = DeflateOptions{};
};

/// The answer to a client that asks for a WebSocket.
struct Handshake {
  /// 101 over HTTP/1.1 and 200 over HTTP/2 when it gets one; else 400 or 426.
  http::Status status = http::Status::bad_request;
  const char* reason = "";  ///< of a refusal, for the log
  /// Of the answer; `Upgrade` and `Connection`, which 101 and 426 carry as well, are not here.
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string_view protocol = {};  ///< the chosen one, in the options; empty for none
  std::optional<DeflateAgreement> deflate = {};

  [[nodiscard]] bool is_accepted() const {
    return status == http::Status::switching_protocols || status == http::Status::ok;
  }
};

/// Whether an HTTP/1.1 request asks for an upgrade to this protocol.
[[nodiscard]] bool asks_for_websocket(const http::RequestHead& head);

/// Checks an upgrade of HTTP/1.1 (RFC 6455 §4.2): GET without content, `Upgrade`, `Connection`, one
/// `Sec-WebSocket-Key` of 16 bytes, `Sec-WebSocket-Version: 13` (426 for others), and lists of
/// protocols and extensions that are well-formed. `options` must outlive the answer.
[[nodiscard]] Handshake answer_upgrade(const http::RequestHead& head,
                                       const HandshakeOptions& options);

/// Checks an extended CONNECT of HTTP/2 (RFC 8441 §5), which has no key and no `Upgrade`.
[[nodiscard]] Handshake answer_connect(const http::RequestHead& head,
                                       const HandshakeOptions& options);

/// The answer to a request that is none for a WebSocket, where there is nothing else: 426.
[[nodiscard]] Handshake ask_for_upgrade();

/// Whether the request comes from a page of the same host and port, or from no page at all.
/// Browsers let every page open WebSockets to every host, with its cookies: `Origin` alone tells.
[[nodiscard]] bool is_same_origin(const http::RequestHead& head);

}  // namespace seabag::websocket
