#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

class Request;
struct Response;

/// Answers one request. Called on the event loop: it must not block, and everything else of that
/// worker waits until it returns. Where servers run in several threads it is called by all of them.
/// An exception derived from std::exception makes the answer a 500.
using Handler = std::function<Response(const Request&)>;

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
  const Handler* handler = nullptr;
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

  /// Matches a decoded, normalised path. Never allocates.
  [[nodiscard]] RouteMatch match(http::Method method, std::string_view path) const;

  [[nodiscard]] bool is_empty() const { return routes_.empty(); }

 private:
  struct Route;
  struct Node;
  struct Walk;

  std::size_t add_component(std::size_t node, std::string_view component);
  bool walk(std::size_t node, std::string_view rest, std::size_t depth, Walk& state) const;
  bool finish(const Node& node, Walk& state) const;

  std::vector<Node> nodes_;
  std::vector<Route> routes_;
};

}  // namespace seabag::server
