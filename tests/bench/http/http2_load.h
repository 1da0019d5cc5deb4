// The same load in HTTP/2, by h2load of nghttp2.
#pragma once

#include <cstdint>
#include <string>

#include "load.h"
#include "seabag/net/address.h"

namespace seabag::bench {

struct Http2LoadOptions {
  net::Address address;
  std::string path;
  unsigned connections = 16;
  unsigned streams = 32;     ///< at the same time on each connection
  std::uint64_t length = 0;  ///< of the content of every answer
};

/// Keeps the server busy for this long with requests that accept gzip; all answers count, since the
/// connections were made.
LoadFigures run_http2_load(const Http2LoadOptions& options, double seconds);

}  // namespace seabag::bench
