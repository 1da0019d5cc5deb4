#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/server/reply.h"
#include "seabag/server/websocket.h"
#include "seabag/websocket/handshake.h"
#include "seabag/websocket/session.h"
#include "workspace_pool.h"

namespace seabag::server {

/// What all WebSockets of one route share. Safe for concurrent use.
struct SocketRoute {
  SocketHandlers handlers;
  SocketOptions options;
  websocket::HandshakeOptions handshake;
  mutable WorkspacePool workspaces;
};

/// Between a tunnel on its loop and whoever sends to its client, on any thread: the session, and
/// frames that the tunnel does not take yet. Functions of the app are called without its lock.
class SocketLink final : public std::enable_shared_from_this<SocketLink> {
 public:
  struct Ends {
    Reply reply;
    Upload upload;
  };
  SocketLink(std::shared_ptr<const SocketRoute> route, Ends ends,
             const websocket::Handshake& handshake);

  /// Begins to listen, behind the answer to the handshake. The loop's.
  void start(const Request& request);

  Sent send(const websocket::SharedMessage& message);
  void close(websocket::CloseCode code, std::string_view reason);
  [[nodiscard]] bool is_open();
  [[nodiscard]] std::size_t buffered() const { return buffered_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string_view protocol() const { return protocol_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Told {
    websocket::CloseCode code;
    std::string reason;
  };

  /// Bytes that wait: a header, or control frames, and a payload.
  struct Piece {
    std::string head;
    std::string_view payload = {};
    std::shared_ptr<const void> owner = {};
    bool has_begun = false;
  };

  // Called by the loop, without the lock.
  void take(std::string_view bytes);
  void handle(const websocket::Event& event);
  void on_drained();
  void on_silence();
  void on_lost();
  template <typename Call>
  void guarded(const Call& call);
  void tell_end(const SocketEnd& end);

  // Called with the lock, or where nobody else is.
  void listen_for_silence(std::chrono::milliseconds interval);
  void settle_input();
  void put_control();
  void pump();
  bool write(std::string_view bytes);
  void begin_close(websocket::CloseCode code, std::string_view reason);
  void finish();

  const std::shared_ptr<const SocketRoute> route_;
  const Reply reply_;
  const Upload upload_;
  const std::string protocol_;
  std::atomic<std::size_t> buffered_ = 0;

  std::mutex mutex_;
  // Guarded by mutex_:
  websocket::Session session_;
  std::deque<Piece> queue_;
  bool is_finishing_ = false;  ///< the connection ends behind what waits
  bool is_held_ = false;       ///< nothing is read while something waits
  Clock::time_point close_deadline_ = Clock::time_point::max();  ///< once we have said Close
  std::optional<Told> told_;  ///< why we end it, where that is not the client's word

  // The loop's:
  bool has_ended_ = false;  ///< `on_close` has been called
  bool is_asked_ = false;   ///< a Ping waits for any sign of life
};

}  // namespace seabag::server
