#include "connections.h"

#include <utility>

namespace seabag::server {

Connections::Connections(Engine& engine, RoomObserver& observer)
    : engine_(&engine), observer_(&observer) {}

Connections::~Connections() = default;

void Connections::add(net::Listener::Accepted accepted) {
  auto connection = std::make_unique<Connection>(*engine_, *this, std::move(accepted));
  if (!connection->start()) {
    return;
  }
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
  update_crowding();
}

void Connections::on_ended(Connection& connection) {
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

void Connections::update_crowding() {
  engine_->is_crowded = size() > engine_->limits.connections / 100 * 85;
}

}  // namespace seabag::server
