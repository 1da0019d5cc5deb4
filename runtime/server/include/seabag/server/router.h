#pragma once

#include <array>
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
#include "seabag/vfs/result.h"

namespace seabag::server {

class Reply;
class Request;
class Upload;
struct Response;

/// Answers one request. Called on the event loop: it must not block, and everything else of that
/// worker waits until it returns. Where servers run in several threads it is called by all of them.
/// An exception derived from std::exception makes the answer a 500.
using Handler = std::function<Response(const Request&)>;

/// Sees to it that a request is answered through the Reply, now or later. The request is valid
/// during the call only. Called as a Handler is; what it throws makes the answer a 500, or breaks
/// it off when it has begun.
using LaterHandler = std::function<void(const Request&, Reply)>;

/// The same for a request whose content comes in parts: called as soon as its head is here, with
/// an empty body.
using StreamHandler = std::function<void(const Request&, Upload, Reply)>;

/// What is done with the requests for one pattern and method.
struct Route {
  std::variant<Handler, LaterHandler, StreamHandler> handler;
  std::vector<std::string> names = {};  ///< of the pattern
  /// Most bytes of content of a StreamHandler; nothing: Limits::body.
  std::optional<std::uint64_t> content_limit = {};
  std::string protocol = {};  ///< of a tunnel
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
  [[nodiscard]] Result<void> add(http::Method method, std::string_view pattern, Handler handler);

  /// The same for a handler that answers later. Errors: the same.
  [[nodiscard]] Result<void> add_later(http::Method method, std::string_view pattern,
                                       LaterHandler handler);
  /// The same for a handler that takes the content in parts, `content_limit` bytes at most.
  [[nodiscard]] Result<void> add_stream(http::Method method, std::string_view pattern,
                                        StreamHandler handler,
                                        std::optional<std::uint64_t> content_limit = {});

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
  [[nodiscard]] bool has_tunnels() const { return has_tunnels_; }

  /// Matches a decoded, normalised path. Never allocates.
  [[nodiscard]] RouteMatch match(http::Method method, std::string_view path) const;

  [[nodiscard]] bool is_empty() const { return routes_.empty(); }

 private:
  struct Node;
  struct Walk;

  Result<void> add_route(std::size_t column, std::string_view pattern, Route route);
  std::size_t add_component(std::size_t node, std::string_view component);
  bool walk(std::size_t node, std::string_view rest, std::size_t depth, Walk& state) const;
  bool finish(const Node& node, Walk& state) const;

  std::vector<Node> nodes_;
  std::vector<std::unique_ptr<const Route>> routes_;
  bool has_tunnels_ = false;
};

}  // namespace seabag::server
