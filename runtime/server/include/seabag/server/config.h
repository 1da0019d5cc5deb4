#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/header_fields.h"
#include "seabag/http/names.h"
#include "seabag/net/address.h"
#include "seabag/server/limits.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// What `seabag.toml` says about serving; what it does not say has its default:
///
///   [server]
///   listen = ["127.0.0.1:8080", "unix:/run/app.sock"]   # or one string
///   workers = 2                                         # or "auto": one a processor
///   access_log = "/var/log/app.log"                     # or "-"
///
///   [server.limits]        # bytes and counts
///   request_line = 8192    header_block = 32768    header_fields = 100    body = 1048576
///   connections = 10000    connections_per_address = 0                # 0: no limit
///
///   [server.timeouts]      # seconds, fractions allowed; body_rate is in bytes a second
///   header = 10   body = 5   body_rate = 1024   keep_alive = 60   write = 30   linger = 2
///   drain = 10
///
///   [site]
///   index = "index.html"           clean_urls = true
///   spa_fallback = "/index.html"   asset_prefixes = ["/assets"]
///   security_headers = "none"      # or "basic", "strict"
struct Config {
  /// Empty: the caller's default.
  std::vector<net::Address> listen;
  /// 0: one for each processor.
  unsigned workers = 1;
  /// Path, or `-` for standard output; empty: none.
  std::string access_log;
  Limits limits;
  http::NameOptions names;
  http::SecurityProfile security = http::SecurityProfile::none;
};

/// Most workers that can be asked for.
inline constexpr unsigned kMaxWorkers = 1024;

/// Reads and checks a whole `seabag.toml`; other top-level tables than these must be in `foreign`,
/// whose owners check them. Errors: EINVAL with `file`:line:column as its path, for what is not
/// TOML, an unknown key, a value of the wrong type or out of its range.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view file,
                                          const std::vector<std::string>& foreign = {});

}  // namespace seabag::server
