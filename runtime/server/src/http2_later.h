#pragma once

#include <optional>
#include <string>

#include "http2_exchange.h"

namespace seabag::server {

struct Http2Exchange::Later {
  Later(Engine& engine, std::shared_ptr<Conduit> conduit, const Asked& asked, ConduitHost& host)
      : answer(engine, std::move(conduit), asked, host), started(engine.loop.now()) {}

  LaterAnswer answer;
  std::string unread;  ///< content that nobody wants yet; the window bounds it
  std::uint64_t received = 0;
  /// Most bytes of content; nothing: a tunnel, or content that is here.
  std::optional<std::uint64_t> limit;
  net::Milliseconds started;
  std::optional<net::Milliseconds> held;  ///< since when nobody wants any content
  bool client_has_ended = false;
  bool is_done = false;  ///< its end has been offered to the session
};

}  // namespace seabag::server
