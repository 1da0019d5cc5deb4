#include "secure_redirect.h"

#include <string>
#include <string_view>

namespace seabag::server {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

/// The host of `host[:port]` or `[v6][:port]`, with its brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    return authority.substr(0, authority.find(']') + 1);
  }
  return authority.substr(0, authority.find(':'));
}

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

AnswerRecord add_secure_redirect(const http::RequestHead& head, const SecureRedirect& redirect,
                                 const AnswerContext& context, AnswerSink& sink) {
  const std::string_view host = host_of(head.authority);
  if (host.empty() || !head.path.starts_with('/') || !redirect.is_ours(without_brackets(host))) {
    return add_plain({.status = http::Status::bad_request, .part = part_for(head)}, context, sink);
  }
  std::string location = "https://" + std::string(host);
  if (redirect.port != kHttpsPort) {
    location += ":" + std::to_string(redirect.port);
  }
  location += head.path;
  location += head.query;
  const bool is_read = head.method == http::Method::get || head.method == http::Method::head;
  return add_plain(
      {.status = is_read ? http::Status::moved_permanently : http::Status::permanent_redirect,
       .location = location,
       .part = part_for(head)},
      context, sink);
}

}  // namespace seabag::server
