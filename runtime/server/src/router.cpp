#include "seabag/server/router.h"

#include <strings.h>

#include <algorithm>
#include <utility>

#include "seabag/server/handler.h"
#include "seabag/server/reply.h"

namespace seabag::server {
namespace {

using http::Method;

constexpr std::size_t kNoNode = 0;  // the root is nobody's child
constexpr std::size_t kMethods = static_cast<std::size_t>(Method::delete_resource) + 1;
/// Where a node has its tunnel, behind the methods.
constexpr std::size_t kTunnel = kMethods;
constexpr std::size_t kColumns = kMethods + 1;
constexpr std::size_t kNoRoute = ~std::size_t{0};

std::size_t index_of(Method method) { return static_cast<std::size_t>(method); }

/// kNoRoute for methods that have none.
std::size_t column_of(Method method) {
  return index_of(method) < kMethods ? index_of(method) : kNoRoute;
}

std::string_view name_of(Method method) {
  constexpr std::string_view kNames[] = {"GET", "HEAD",  "OPTIONS", "POST",
                                         "PUT", "PATCH", "DELETE"};
  return index_of(method) < std::size(kNames) ? kNames[index_of(method)] : "?";
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Error bad_pattern(std::string_view pattern, const char* cause) {
  return make_error(std::errc::invalid_argument, "route", pattern, cause);
}

/// Takes the first component off, with the slash before it.
std::string_view take_component(std::string_view& rest) {
  rest.remove_prefix(1);
  const std::string_view component = rest.substr(0, rest.find('/'));
  rest.remove_prefix(component.size());
  return component;
}

std::string_view without_trailing_slash(std::string_view path) {
  path.remove_suffix(path.ends_with('/') ? 1 : 0);
  return path;
}

const char* fault_of(std::string_view component, std::string_view rest,
                     std::span<const std::string> names) {
  if (component.empty()) {
    return "a component is empty";
  }
  if (component[0] != ':' && component[0] != '*') {
    return nullptr;
  }
  const std::string_view name = component.substr(1);
  if (name.empty()) {
    return "a name is missing behind ':' or '*'";
  }
  if (component[0] == '*' && !rest.empty()) {
    return "nothing can follow '*name'";
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return "a name occurs twice";
  }
  return names.size() == kMaxRouteNames ? "it has more than 16 names" : nullptr;
}

}  // namespace

struct Router::Node {
  std::vector<std::pair<std::string, std::size_t>> literals;  ///< sorted by name
  std::size_t any = kNoNode;                                  ///< below `:name`
  std::size_t rest = kNoNode;                                 ///< at `*name`
  std::array<std::size_t, kColumns> routes;                   ///< that end here

  Node() { routes.fill(kNoRoute); }
};

/// What a walk through the tree looks for and what it has found.
struct Router::Walk {
  std::size_t method;
  RouteMatch match;
};

std::string_view RouteMatch::param(std::string_view name) const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) {
      return values[i];
    }
  }
  return {};
}

Router::Router() : nodes_(1) {}
Router::Router(Router&& other) noexcept = default;
Router& Router::operator=(Router&& other) noexcept = default;
Router::~Router() = default;

Result<void> Router::add(Method method, std::string_view pattern, AnyHandler handler,
                         const RouteOptions& options) {
  Route route{.handler = std::move(handler), .content_limit = options.content_limit};
  if (options.blocking) {
    const std::string own = std::string(name_of(method)) + " " + std::string(pattern);
    route.deadline = options.blocking->deadline;
    route.lane = add_lane(*options.blocking, own);
  }
  return add_route(column_of(method), pattern, std::move(route));
}

void Router::use(Middleware middleware) { middleware_.push_back(std::move(middleware)); }

std::size_t Router::add_lane(const Blocking& blocking, std::string name) {
  if (!blocking.lane.empty()) {
    name = blocking.lane;
  }
  const auto same = std::find_if(lanes_.begin(), lanes_.end(),
                                 [&](const pool::LaneOptions& lane) { return lane.name == name; });
  if (same != lanes_.end()) {
    return static_cast<std::size_t>(same - lanes_.begin());
  }
  lanes_.push_back({.name = std::move(name),
                    .concurrency = blocking.concurrency,
                    .limit = blocking.limit,
                    .queue = blocking.queue,
                    .wait = blocking.wait});
  return lanes_.size() - 1;
}

Result<void> Router::add_tunnel(std::string_view pattern, std::string_view protocol,
                                StreamHandler handler) {
  SEABAG_TRY(add_route(kTunnel, pattern,
                       {.handler = std::move(handler), .protocol = std::string(protocol)}));
  has_tunnels_ = true;
  return {};
}

Result<void> Router::add_route(std::size_t column, std::string_view pattern, Route added) {
  if (column >= kColumns) {
    return bad_pattern(pattern, "this method has no routes");
  }
  if (!pattern.starts_with('/')) {
    return bad_pattern(pattern, "it must start with '/'");
  }
  std::vector<std::string>& names = added.names;
  std::string_view rest = without_trailing_slash(pattern);
  for (std::string_view left = rest; !left.empty();) {
    const std::string_view component = take_component(left);
    if (const char* fault = fault_of(component, left, names); fault != nullptr) {
      return bad_pattern(pattern, fault);
    }
    if (component[0] == ':' || component[0] == '*') {
      names.emplace_back(component.substr(1));
    }
  }
  std::size_t node = 0;
  while (!rest.empty()) {
    node = add_component(node, take_component(rest));
  }
  std::size_t& route = nodes_[node].routes[column];
  if (route != kNoRoute) {
    return make_error(std::errc::file_exists, "route", pattern,
                      "another route of this method matches the same paths");
  }
  route = routes_.size();
  routes_.push_back(std::make_unique<const Route>(std::move(added)));
  return {};
}

std::size_t Router::add_component(std::size_t node, std::string_view component) {
  const std::size_t fresh = nodes_.size();
  if (component[0] == ':' || component[0] == '*') {
    std::size_t& child = component[0] == ':' ? nodes_[node].any : nodes_[node].rest;
    if (child == kNoNode) {
      child = fresh;
      nodes_.emplace_back();
      return fresh;
    }
    return child;
  }
  auto& literals = nodes_[node].literals;
  const auto place =
      std::lower_bound(literals.begin(), literals.end(), component,
                       [](const auto& a, std::string_view b) { return a.first < b; });
  if (place != literals.end() && place->first == component) {
    return place->second;
  }
  literals.emplace(place, std::string(component), fresh);
  nodes_.emplace_back();
  return fresh;
}

RouteMatch Router::match(Method method, std::string_view path) const {
  Walk walk_state{.method = column_of(method), .match = {}};
  if (!walk(0, without_trailing_slash(path), 0, walk_state) && walk_state.match.methods != 0) {
    walk_state.match.state = RouteMatch::State::other_method;
  }
  return walk_state.match;
}

RouteMatch Router::match_tunnel(std::string_view path, std::string_view protocol) const {
  Walk walk_state{.method = kTunnel, .match = {}};
  walk(0, without_trailing_slash(path), 0, walk_state);
  if (walk_state.match.route != nullptr &&
      !equal_ignoring_case(walk_state.match.route->protocol, protocol)) {
    walk_state.match = {};
  }
  return walk_state.match;
}

RouteMatch Router::match_upgrade(std::string_view path, const http::RequestHead& head) const {
  RouteMatch match;
  for (const http::Field& field : head.fields()) {
    std::string_view list = equal_ignoring_case(field.name, "Upgrade") ? field.value : "";
    while (!list.empty() && match.state != RouteMatch::State::found) {
      std::string_view member = list.substr(0, list.find(','));
      list.remove_prefix(std::min(member.size() + 1, list.size()));
      member.remove_prefix(std::min(member.find_first_not_of(" \t"), member.size()));
      member = member.substr(0, member.find_last_not_of(" \t") + 1);
      match = match_tunnel(path, member);
    }
  }
  return match;
}

/// Depth first, the most literal way first. Each node is visited at most once, because its depth
/// is its place in the path.
bool Router::walk(std::size_t node_index, std::string_view rest, std::size_t depth,
                  Walk& state) const {
  const Node& node = nodes_[node_index];
  if (rest.empty()) {
    return finish(node, state);
  }
  std::string_view left = rest;
  const std::string_view component = take_component(left);
  const auto literal =
      std::lower_bound(node.literals.begin(), node.literals.end(), component,
                       [](const auto& a, std::string_view b) { return a.first < b; });
  if (literal != node.literals.end() && literal->first == component &&
      walk(literal->second, left, depth, state)) {
    return true;
  }
  if (node.any != kNoNode) {
    state.match.values[depth] = component;
    if (walk(node.any, left, depth + 1, state)) {
      return true;
    }
  }
  if (node.rest != kNoNode && rest.size() > 1) {
    state.match.values[depth] = rest.substr(1);
    return finish(nodes_[node.rest], state);
  }
  return false;
}

bool Router::finish(const Node& node, Walk& state) const {
  for (std::size_t method = 0; method < kMethods; ++method) {
    if (node.routes[method] != kNoRoute) {
      state.match.methods |= std::uint32_t{1} << method;
    }
  }
  std::size_t route = state.method < kColumns ? node.routes[state.method] : kNoRoute;
  if (route == kNoRoute && state.method == index_of(Method::head)) {
    route = node.routes[index_of(Method::get)];
  }
  if (route == kNoRoute) {
    return false;
  }
  state.match.state = RouteMatch::State::found;
  state.match.route = routes_[route].get();
  state.match.names = state.match.route->names;
  return true;
}

}  // namespace seabag::server
