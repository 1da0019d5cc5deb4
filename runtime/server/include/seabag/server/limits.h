#pragma once

#include <cstddef>
#include <cstdint>

#include "seabag/http/request_parser.h"
#include "seabag/net/timer_wheel.h"

namespace seabag::server {

/// How much time and memory clients may take. Durations are in milliseconds.
struct Limits {
  /// Request line, field block and number of fields: 400, 414 and 431.
  http::ParserLimits head = {};
  /// Content of a request that a handler reads, in bytes; more is 413.
  std::size_t body = 1024 * 1024;

  /// From the start of a protected connection until both sides have agreed on keys.
  net::Milliseconds handshake_time = 10'000;
  /// Connections of one worker that are at that; one more ends the one that has been at it longest.
  std::size_t handshakes = 1'000;
  /// From the first byte of a request, or from the connection's start, to the end of its head: 408.
  net::Milliseconds head_time = 10'000;
  /// Content may take this long, and one second more for each `body_rate` bytes of it: 408.
  net::Milliseconds body_time = 5'000;
  std::size_t body_rate = 1024;
  /// How long `size` bytes of content may take.
  [[nodiscard]] net::Milliseconds content_time(std::size_t size) const {
    return body_time + size * 1000 / (body_rate == 0 ? 1 : body_rate);
  }
  /// Between two requests of a connection.
  net::Milliseconds keep_alive_time = 60'000;
  /// The same while more than 85 % of `connections` are in use.
  net::Milliseconds crowded_keep_alive_time = 2'000;
  /// Without any progress of an answer.
  net::Milliseconds write_time = 30'000;
  /// From the last byte of the last answer to the close, while the client still sends.
  net::Milliseconds linger_time = 2'000;
  /// From `stop` until no more connections are taken, for those in front of us who have not yet
  /// heard that we stop.
  net::Milliseconds drain_delay = 0;
  /// From then until connections that are still busy are closed.
  net::Milliseconds drain_time = 10'000;

  /// Connections of one worker at the same time; more wait in the kernel's queue.
  std::size_t connections = 10'000;
  /// Connections of one client address to one worker; more are closed at once. 0: no limit.
  std::size_t connections_per_address = 0;
};

}  // namespace seabag::server
