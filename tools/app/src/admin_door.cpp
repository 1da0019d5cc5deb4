#include "admin_door.h"

#include <ctime>
#include <utility>

#include "seabag/admin/admin.h"
#include "seabag/console/version.h"

namespace seabag::app {
namespace {

/// What systemd calls the socket (FileDescriptorName=).
constexpr const char* kSystemdName = "admin";

/// Those who look are few; the end of a server must not wait for them.
constexpr std::size_t kMostConnections = 256;
constexpr net::Milliseconds kDrainTime = 250;

std::int64_t unix_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Result<net::ListenerGroup> adopt(std::vector<workers::PassedSockets::Socket> passed,
                                 net::FileOwnership ownership) {
  std::vector<net::Listener> sockets;
  for (workers::PassedSockets::Socket& socket : passed) {
    sockets.push_back(std::move(socket.listener));
  }
  return net::ListenerGroup::adopt(std::move(sockets), 1, net::Spreading::shared, ownership);
}

}  // namespace

Result<vfs::Asset> AdminDoor::Nothing::find(std::string_view /*path*/) const {
  return Error{.code = make_error_code(std::errc::no_such_file_or_directory)};
}

Result<std::unique_ptr<AdminDoor>> AdminDoor::open(const std::optional<net::Address>& address,
                                                   workers::PassedSockets& passed) {
  auto own = passed.take_named(workers::kAdminSocketName);
  auto foreign = passed.take_named(kSystemdName);
  const auto make = [](net::ListenerGroup listeners, const char* name) {
    return std::unique_ptr<AdminDoor>(new AdminDoor(std::move(listeners), name));
  };
  if (!address) {
    if (foreign.empty()) {
      return std::unique_ptr<AdminDoor>();
    }
    return make(SEABAG_TRY(adopt(std::move(foreign), net::FileOwnership::others)), kSystemdName);
  }
  std::erase_if(own, [&](const auto& socket) { return !socket.listener.is_at(*address); });
  if (!own.empty()) {
    return make(SEABAG_TRY(adopt(std::move(own), net::FileOwnership::ours)),
                workers::kAdminSocketName);
  }
  return make(SEABAG_TRY(net::ListenerGroup::open(*address, 1, net::Spreading::shared)),
              workers::kAdminSocketName);
}

std::vector<workers::SocketToPass> AdminDoor::sockets() const {
  std::vector<workers::SocketToPass> sockets;
  for (const net::Listener& socket : listeners_.sockets()) {
    sockets.push_back({.descriptor = socket.descriptor(), .name = name_, .stays_open = true});
  }
  return sockets;
}

Result<void> AdminDoor::show(const workers::Scoreboard& board) {
  return admin::add_admin_routes(
      router_, {.board = &board,
                .version = std::string(console::version()),
                .started_at = unix_milliseconds(),
                .hosts = address().is_local() && !address().is_unix() ? admin::HostNames::local
                                                                      : admin::HostNames::any});
}

Result<std::unique_ptr<server::Server>> AdminDoor::make_server(
    const server::ServerOptions& options) const {
  server::ServerOptions own = options;
  own.limits.connections = kMostConnections;
  own.limits.drain_time = kDrainTime;
  auto server = SEABAG_TRY(server::Server::create(own, {.assets = &nothing_, .router = &router_}));
  for (const net::Listener& socket : listeners_.sockets()) {
    SEABAG_TRY(server->listen(socket));
  }
  return server;
}

}  // namespace seabag::app
