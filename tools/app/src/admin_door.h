#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "seabag/net/listener.h"
#include "seabag/server/router.h"
#include "seabag/server/server.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"
#include "seabag/workers/lifecycle.h"
#include "seabag/workers/passed_sockets.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::app {

/// Where operators look: a listener of its own, and what answers there. One thread at a time; what
/// it makes may run in another one, or in a process forked from here.
class AdminDoor {
 public:
  /// Listens at `address`, on the socket of the predecessor where that listened there, or, without
  /// an address, on one that systemd calls `admin`. Null when there is neither. All sockets of
  /// these names are taken out of `passed`. Errors: as net::ListenerGroup::open.
  [[nodiscard]] static Result<std::unique_ptr<AdminDoor>> open(
      const std::optional<net::Address>& address, workers::PassedSockets& passed);
  AdminDoor(const AdminDoor&) = delete;
  AdminDoor& operator=(const AdminDoor&) = delete;

  [[nodiscard]] const net::Address& address() const { return listeners_.address(); }
  /// For a successor.
  [[nodiscard]] std::vector<workers::SocketToPass> sockets() const;
  void leave_file() { listeners_.leave_file(); }

  /// Shows this board from now on, which must outlive this. Before `make_server`. Errors: as
  /// admin::add_admin_routes.
  [[nodiscard]] Result<void> show(const workers::Scoreboard& board);
  /// This must outlive the server. Errors: as server::Server::create and listen.
  [[nodiscard]] Result<std::unique_ptr<server::Server>> make_server(
      const server::ServerOptions& options) const;

 private:
  /// There are no files.
  class Nothing final : public vfs::AssetSource {
   public:
    [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override;
  };

  AdminDoor(net::ListenerGroup listeners, std::string name)
      : listeners_(std::move(listeners)), name_(std::move(name)) {}

  net::ListenerGroup listeners_;
  std::string name_;  ///< of its sockets
  Nothing nothing_;
  server::Router router_;
};

}  // namespace seabag::app
