#pragma once

#include <span>

#include "seabag/console/io.h"
#include "seabag/server/config.h"
#include "seabag/server/server.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/namespace.h"

namespace seabag::app {

/// What keeps workers apart.
enum class Isolation : std::uint8_t {
  processes,  ///< nothing is shared; one that crashes is replaced
  threads,    ///< one address space, for handlers that share state
};

/// What is served; all of it is borrowed for the call.
struct Site {
  const vfs::AssetSource* assets = nullptr;
  /// What the assets are made of, for lists of directories; null: there are none.
  const vfs::Namespace* files = nullptr;
  const server::Router* router = nullptr;  ///< null for none
  server::Mutability mutability = server::Mutability::fixed;
  Isolation isolation = Isolation::processes;
  /// What `bundle:/...` names in the settings; null: nothing does.
  const vfs::Namespace* bundled = nullptr;
  /// How this process was started, its name first: what SIGUSR2 starts again; empty: it does not.
  std::span<const char* const> command = {};
};

/// Listens, says on `io.out` where, and serves until SIGINT or SIGTERM, which let requests under
/// way finish, or until a successor that SIGUSR2 starts serves. Sockets that systemd or the
/// predecessor has passed (LISTEN_FDS) are used before any is opened; those of systemd also where
/// the settings do not name them: those that are called `http` or `https` speak that, others as the
/// settings say for their address. To be called in a process with one thread. `program` starts the
/// lines on `io.err`. Errors: those of workers::take_passed_sockets, net::ListenerGroup::open,
/// server::LogFile::open, tls::Context::load and server::Server::create.
[[nodiscard]] Result<console::ExitCode> serve(const Site& site, const server::Config& settings,
                                              const char* program, console::Io& io);

}  // namespace seabag::app
