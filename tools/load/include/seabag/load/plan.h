#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "seabag/load/url.h"

namespace seabag::load {

/// The most that a plan may ask for.
inline constexpr unsigned kMaxConnections = 100'000;
inline constexpr unsigned kMaxThreads = 256;
inline constexpr unsigned kMaxPipeline = 1'024;
inline constexpr double kMaxRate = 10'000'000;

/// A load to put on a server.
///
/// Without a rate the loop is closed: each connection sends its next request when an answer has
/// come, as fast as the server answers. With one it is open: requests start at fixed moments,
/// whether or not earlier ones have been answered, and each latency counts from that moment, so
/// that a server that stalls cannot hide the requests that waited for it (coordinated omission).
struct Plan {
  Url url;
  std::string method = "GET";
  /// `Name: value` each; one of the name Host, User-Agent or Accept replaces ours.
  std::vector<std::string> fields = {};
  std::string body = {};  ///< sent with Content-Length unless empty
  unsigned connections = 64;
  unsigned threads = 1;             ///< at most `connections` are used
  unsigned pipeline = 1;            ///< requests under way at once on one connection
  std::optional<double> rate = {};  ///< requests a second, of all connections together
  std::chrono::nanoseconds duration = std::chrono::seconds(10);  ///< of what is measured
  std::chrono::nanoseconds warm_up = std::chrono::seconds(1);    ///< before that
  /// Without a byte for this long, a request has failed.
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
};

/// The bytes of one request as HTTP/1.1 sends them. Errors: EINVAL for a method that is no token or
/// needs another protocol (CONNECT), a field that is not `Name: value`, or one that would change
/// how the request is framed.
[[nodiscard]] Result<std::string> make_http1_request(const Plan& plan);

}  // namespace seabag::load
