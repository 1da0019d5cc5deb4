#include "kept_request.h"

namespace seabag::server {
namespace {

RouteMatch moved(const RouteMatch& match, std::string_view from, std::string_view to) {
  RouteMatch result = match;
  for (std::size_t i = 0; i < match.names.size(); ++i) {
    const auto start = static_cast<std::size_t>(match.values[i].data() - from.data());
    result.values[i] = to.substr(start, match.values[i].size());
  }
  return result;
}

}  // namespace

KeptRequest::KeptRequest(const Parts& parts)
    : head_(parts.head),
      path_(parts.path),
      content_(parts.content),
      client_(parts.client),
      match_(moved(parts.match, parts.path, path_)),
      request_(head_.head(), path_, match_, content_, client_, parts.scheme) {}

}  // namespace seabag::server
