#pragma once

#include <cstdint>
#include <string>

#include "seabag/server/router.h"
#include "seabag/vfs/result.h"
#include "seabag/workers/scoreboard.h"

namespace seabag::admin {

/// Whom requests may name as their host. A page from elsewhere can make a browser on this machine
/// ask us, under a name of its own that leads here; on an address that only this machine reaches,
/// nobody who means us needs another name than `localhost` or that address.
enum class HostNames : std::uint8_t { local, any };

struct AdminOptions {
  /// Must outlive the router.
  const workers::Scoreboard* board = nullptr;
  std::string version;
  /// When the server was started: milliseconds since 1970.
  std::int64_t started_at = 0;
  HostNames hosts = HostNames::any;
};

/// What operators and their programs ask a server for, on a listener of its own that the public
/// does not reach:
///
///   /healthz      200 while the process that answers lives
///   /readyz       200 while requests are taken, 503 before and while it drains
///   /metrics      for Prometheus
///   /status       a page for people, which looks every second
///   /status.json  the same for programs
///
/// Errors: as Router::add.
[[nodiscard]] Result<void> add_admin_routes(server::Router& router, const AdminOptions& options);

}  // namespace seabag::admin
