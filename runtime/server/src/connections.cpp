#include "connections.h"

#include <utility>

namespace seabag::server {

Connections::Connections(Engine& engine, RoomObserver& observer)
    : engine_(&engine), observer_(&observer) {}

Connections::~Connections() = default;

void Connections::add(net::Listener::Accepted accepted, const Entrance& entrance) {
  if (!admit(accepted.peer)) {
    return;
  }
  Arrival arrival{.accepted = std::move(accepted), .entrance = entrance};
  if (entrance.channels != nullptr) {
    arrival.channel = entrance.channels->open();
    if (arrival.channel == nullptr) {
      dismiss(arrival.accepted.peer);
      return;
    }
  }
  auto connection = std::make_unique<Connection>(*engine_, *this, std::move(arrival));
  if (!connection->start()) {
    dismiss(connection->peer());
    return;
  }
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
  if (entrance.channels != nullptr) {
    limit_handshakes(*connections_.back());
  }
  Vitals::add(engine_->vitals->accepted, 1);
  update_crowding();
}

bool Connections::admit(const net::Peer& peer) {
  const std::size_t limit = engine_->limits.connections_per_address;
  if (limit == 0) {
    return true;
  }
  std::size_t& count = per_address_[peer.bytes()];
  if (count == limit) {
    Vitals::add(engine_->vitals->rejected, 1);
    return false;
  }
  ++count;
  return true;
}

void Connections::dismiss(const net::Peer& peer) {
  const auto count = per_address_.find(peer.bytes());
  if (count != per_address_.end() && --count->second == 0) {
    per_address_.erase(count);
  }
}

/// Whoever opens connections and says nothing must not keep others out.
void Connections::limit_handshakes(Connection& young) {
  young.handshake = ++last_handshake_;
  handshakes_.emplace(young.handshake, &young);
  if (handshakes_.size() > engine_->limits.handshakes) {
    Vitals::add(engine_->vitals->rejected, 1);
    handshakes_.begin()->second->give_up();
  }
}

void Connections::on_established(Connection& connection) {
  handshakes_.erase(connection.handshake);
  connection.handshake = 0;
}

void Connections::on_ended(Connection& connection) {
  on_established(connection);
  dismiss(connection.peer());
  const std::size_t slot = connection.slot;
  connections_.back()->slot = slot;
  std::swap(connections_[slot], connections_.back());
  connections_.pop_back();
  update_crowding();
  observer_->on_room();
}

void Connections::drain() {
  // Backwards: the one that ends is replaced by the last one, which has had its turn.
  for (std::size_t i = connections_.size(); i > 0; --i) {
    connections_[i - 1]->drain();
  }
}

void Connections::close() {
  handshakes_.clear();
  connections_.clear();
  per_address_.clear();
  update_crowding();
}

void Connections::update_crowding() {
  engine_->vitals->connections.store(static_cast<std::uint32_t>(size()), std::memory_order_relaxed);
  engine_->is_crowded = size() > engine_->limits.connections / 100 * 85;
}

}  // namespace seabag::server
