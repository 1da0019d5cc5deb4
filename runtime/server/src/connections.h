#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "connection.h"
#include "engine.h"
#include "seabag/net/listener.h"
#include "seabag/server/server.h"

namespace seabag::server {

/// Who wants to know that a connection has ended, and that there is room for another one.
class RoomObserver {
 public:
  virtual ~RoomObserver() = default;
  virtual void on_room() = 0;
};

/// All connections of one loop, and their number's limits. One thread.
class Connections final : public ConnectionOwner {
 public:
  /// Both must outlive this.
  Connections(Engine& engine, RoomObserver& observer);
  ~Connections() override;

  [[nodiscard]] std::size_t size() const { return connections_.size(); }
  [[nodiscard]] bool is_full() const { return size() >= engine_->limits.connections; }

  /// Serves a client that has been accepted, or closes the connection when it is one too many of
  /// its address.
  /// `entrance` must outlive this.
  void add(net::Listener::Accepted accepted, const Entrance& entrance);
  void on_ended(Connection& connection) override;
  void on_established(Connection& connection) override;

  /// Ends those that idle; all others end with their next answer.
  void drain();
  /// Ends all of them, whatever they do.
  void close();

 private:
  using AddressBytes = std::array<std::uint8_t, 16>;

  bool admit(const net::Peer& peer);
  void dismiss(const net::Peer& peer);
  void limit_handshakes(Connection& young);
  void update_crowding();

  Engine* engine_;
  RoomObserver* observer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::map<std::uint64_t, Connection*> handshakes_;  ///< the oldest first
  std::uint64_t last_handshake_ = 0;
  std::map<AddressBytes, std::size_t> per_address_;  ///< kept only when there is a limit
};

}  // namespace seabag::server
