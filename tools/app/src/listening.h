#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seabag/net/address.h"
#include "seabag/net/listener.h"
#include "seabag/server/config.h"
#include "seabag/server/server.h"
#include "seabag/tls/context.h"
#include "seabag/vfs/result.h"
#include "seabag/workers/passed_sockets.h"

namespace seabag::app {

/// An address where clients are served.
struct Listening {
  server::Scheme scheme;
  net::ListenerGroup group;
  std::string name;  ///< of its sockets, for a successor
  std::optional<server::SecureRedirect> redirect = {};
};

struct ListeningOptions {
  const server::Config& settings;
  unsigned workers = 1;
  /// Null: none is spoken. Must outlive what listens.
  const tls::Context* tls = nullptr;
};

/// Listens where the settings say, and on what `passed` has left, which systemd or a predecessor
/// has opened. Errors: as net::ListenerGroup::open.
[[nodiscard]] Result<std::vector<Listening>> open_listeners(const ListeningOptions& options,
                                                            workers::PassedSockets& passed);

/// What a browser of this machine would be given.
[[nodiscard]] std::string url_of(server::Scheme scheme, const net::Address& address);

}  // namespace seabag::app
