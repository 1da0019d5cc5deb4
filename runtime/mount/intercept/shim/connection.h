#pragma once

#include "protocol.h"

/// The way to a host in another process.
namespace seabag::intercept::shim {

/// The host's abstract socket name; empty for none. Connections are made when they are needed.
void connect_to(const char* name);

/// Sends a request of `size` bytes and waits for its answer. False when the host is gone.
bool exchange(const Letter& letter, std::size_t size, Reply& reply);

}  // namespace seabag::intercept::shim
