#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/pool/lane.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

class Reply;
class Request;
class Upload;
struct Response;

/// Answers one request. Called on the event loop: it must not block, and everything else of that
/// worker waits until it returns; or on a thread of the pool (see Blocking). Where servers run in
/// several threads it is called by all of them. An exception derived from std::exception makes the
/// answer a 500.
using Handler = std::function<Response(const Request&)>;

/// Sees to it that a request is answered through the Reply, now or later. The request is valid
/// during the call only. Called as a Handler is; what it throws makes the answer a 500, or breaks
/// it off when it has begun.
using LaterHandler = std::function<void(const Request&, Reply)>;

/// The same for a request whose content comes in parts: called as soon as its head is here, with
/// an empty body.
using StreamHandler = std::function<void(const Request&, Upload, Reply)>;

/// A function object with the parameters of one of them is one of them.
using AnyHandler = std::variant<Handler, LaterHandler, StreamHandler>;

/// How requests for a handler that blocks wait for a thread. A request that can't wait (or has
/// waited too long) is answered with 503 before its content is read, with `Retry-After` and
/// `X-Overload: lane=NAME; limit=...`, where the limit is `queue`, `wait` or `deadline`.
struct Blocking {
  /// Routes that name the same lane share it, and the first one says how it is; empty: a lane of
  /// its own, called as the method and the pattern.
  std::string lane = {};
  /// Requests that are answered at the same time; 0: three quarters of the pool's threads.
  std::size_t concurrency = 0;
  /// Requests that wait at the same time.
  std::size_t queue = 256;
  /// How long one may wait for a thread.
  std::chrono::milliseconds wait{1'000};
  /// How long after it has come whole it is of any use: one that has not been begun by then is
  /// dropped; 0: always.
  std::chrono::milliseconds deadline{0};
  /// Adaptive: `concurrency` is the most that may be learned (pool::GradientLimit).
  pool::LimitKind limit = pool::LimitKind::fixed;
};

struct RouteOptions {
  /// The handler may block, and is called on a thread of the pool with a request that it may keep
  /// during the call. Nothing: it is called on the loop.
  std::optional<Blocking> blocking = {};
  /// Most bytes of content; nothing: Limits::body. Of a StreamHandler.
  std::optional<std::uint64_t> content_limit = {};
};

/// Functions around handlers, of all routes; either may be empty. They do not block.
struct Middleware {
  /// Called when the head of a request is here, before its content is read (`body` is empty) and
  /// before it waits for anything. With an answer the handler is not called.
  std::function<std::optional<Response>(const Request&)> before = {};
  /// May change an answer before it is sent: one that comes in parts when it begins.
  std::function<void(const Request&, Response&)> after = {};
};

/// What is done with the requests for one pattern and method.
struct Route {
  AnyHandler handler;
  std::vector<std::string> names = {};  ///< of the pattern
  std::optional<std::uint64_t> content_limit = {};
  std::string protocol = {};  ///< of a tunnel
  /// Which of Router::lanes; nothing: it is called on the loop.
  std::optional<std::size_t> lane = {};
  std::chrono::milliseconds deadline{0};
};

/// Most names in one pattern.
inline constexpr std::size_t kMaxRouteNames = 16;

/// What a path leads to. Views are into the path that was matched and into the router.
struct RouteMatch {
  enum class State : std::uint8_t {
    none,          ///< no pattern matches the path
    other_method,  ///< one does, but not for this method
    found,
  };

  State state = State::none;
  const Route* route = nullptr;
  std::span<const std::string> names = {};
  std::array<std::string_view, kMaxRouteNames> values;  ///< as many as `names`
  /// A bit for each http::Method that the path has a handler for.
  std::uint32_t methods = 0;

  [[nodiscard]] std::string_view param(std::string_view name) const;
};

/// Which handler answers which path.
///
/// A pattern is a path whose components are literal, `:name` (any one component) or, at the end,
/// `*name` (the rest, at least one byte). Of several that match, the one that is literal further to
/// the left wins, and a single component wins over the rest. A trailing slash makes no difference,
/// neither in the pattern nor in the path. HEAD is answered by the handler for GET when it has none
/// of its own.
///
/// Add everything first; after that it is safe for concurrent use.
class Router {
 public:
  Router();
  Router(Router&& other) noexcept;
  Router& operator=(Router&& other) noexcept;
  ~Router();

  /// Errors: EINVAL for a pattern that does not start with `/`, has an empty component or name, the
  /// same name twice, more than kMaxRouteNames names or something after `*name`, and for a method
  /// that has no routes (CONNECT, TRACE, unknown ones); EEXIST for one that is there already,
  /// whatever its names are.
  [[nodiscard]] Result<void> add(http::Method method, std::string_view pattern, AnyHandler handler,
                                 const RouteOptions& options = {});

  /// Puts functions around all handlers: `before` in the order in which they were added, `after`
  /// the other way round. What a `before` answers goes through all of `after`, too.
  void use(Middleware middleware);

  /// A handler for clients that want to speak another protocol from here on, such as `websocket`:
  /// `Upgrade: PROTOCOL` in HTTP/1.1, and extended CONNECT in HTTP/2 (RFC 8441). It checks what the
  /// request says, then calls Reply::accept; from there on Upload::on_part gives bytes as they
  /// come, Reply::write sends bytes as they are, both until Reply::finish, Reply::abort or the
  /// client's end, which Upload::on_end and Reply::on_closed tell. No deadline and no limit of the
  /// server holds meanwhile but that for writes. It may also answer with Reply::send or
  /// Reply::begin, in HTTP. Errors: as `add`.
  [[nodiscard]] Result<void> add_tunnel(std::string_view pattern, std::string_view protocol,
                                        StreamHandler handler);

  /// The tunnel at a path; `none` when there is none for this protocol (any case).
  [[nodiscard]] RouteMatch match_tunnel(std::string_view path, std::string_view protocol) const;
  /// The same for a client that lists several in `Upgrade`: one of them is enough (RFC 9110 §7.8).
  [[nodiscard]] RouteMatch match_upgrade(std::string_view path,
                                         const http::RequestHead& head) const;
  [[nodiscard]] bool has_tunnels() const { return has_tunnels_; }

  /// Matches a decoded, normalised path. Never allocates.
  [[nodiscard]] RouteMatch match(http::Method method, std::string_view path) const;

  [[nodiscard]] bool is_empty() const { return routes_.empty(); }

  /// What the routes' `Blocking` say, by Route::lane.
  [[nodiscard]] std::span<const pool::LaneOptions> lanes() const { return lanes_; }
  [[nodiscard]] std::span<const Middleware> middleware() const { return middleware_; }

 private:
  struct Node;
  struct Walk;

  Result<void> add_route(std::size_t column, std::string_view pattern, Route route);
  std::size_t add_lane(const Blocking& blocking, std::string name);
  std::size_t add_component(std::size_t node, std::string_view component);
  bool walk(std::size_t node, std::string_view rest, std::size_t depth, Walk& state) const;
  bool finish(const Node& node, Walk& state) const;

  std::vector<Node> nodes_;
  std::vector<std::unique_ptr<const Route>> routes_;
  std::vector<pool::LaneOptions> lanes_;
  std::vector<Middleware> middleware_;
  bool has_tunnels_ = false;
};

}  // namespace seabag::server
