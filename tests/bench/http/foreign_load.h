// What other programs measure: HTTP/2 and TLS by h2load of nghttp2, handshakes by openssl(1).
#pragma once

#include "cases.h"
#include "load.h"
#include "seabag/net/address.h"

namespace seabag::bench {

/// Whether the program that this case needs is installed.
bool can_load(const Case& one);

/// Keeps the server busy for this long with requests that accept gzip. All answers count, since the
/// connections were made.
LoadFigures run_foreign_load(const net::Address& address, const Case& one, double seconds);

}  // namespace seabag::bench
