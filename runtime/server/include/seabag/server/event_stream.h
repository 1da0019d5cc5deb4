#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/server/handler.h"
#include "seabag/server/reply.h"

namespace seabag::server {

/// One event of a `text/event-stream` (WHATWG HTML §9.2). Line ends in `event` and `id`, and NUL in
/// `id`, are left out.
struct Event {
  std::string data;        ///< may have several lines, whichever way they end
  std::string event = {};  ///< its type; empty: `message`
  /// What a client that comes back says it has seen last; nothing: as before; empty: forget it.
  std::optional<std::string> id = {};
  /// How long a client waits before it comes back, from now on.
  std::optional<std::chrono::milliseconds> retry = {};
};

/// An event as it is on the wire, with the empty line that ends it.
[[nodiscard]] std::string render_event(const Event& event);

/// An answer that is a stream of events, which a browser reads with `EventSource`:
///
///   app.get("/clock", [&clock](const Request& request, Reply reply) {
///     clock.add(EventStream(request, reply));  // whose thread calls `send` every second
///   });
///
/// Copies are the same stream; it ends when all are gone, and when the server begins to stop:
/// browsers come back by themselves, to whoever serves then. Safe for concurrent use.
class EventStream {
 public:
  /// How often a comment is sent when there is nothing else, which keeps proxies from closing the
  /// connection and shows us when the client has gone.
  static constexpr std::chrono::seconds kPing{15};

  /// Begins the answer.
  EventStream(const Request& request, Reply reply, std::chrono::milliseconds ping = kPing);

  /// As Reply::write: an event that a slow client can't take is not sent, and the next one may be.
  Flow send(const Event& event) const { return reply_.write(render_event(event)); }
  /// A line that clients do not look at.
  Flow comment(std::string_view text) const;

  /// What the client has seen before its connection broke (`Last-Event-ID`); empty: nothing.
  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
  /// For all the rest: `on_closed`, `on_drained`, `finish`.
  [[nodiscard]] const Reply& reply() const { return reply_; }

 private:
  Reply reply_;
  std::string last_event_id_;
};

}  // namespace seabag::server
