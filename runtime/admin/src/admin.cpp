#include "seabag/admin/admin.h"

#include <utility>

#include "seabag/admin/overview.h"
#include "seabag/net/address.h"
#include "seabag/server/handler.h"
#include "status_page.h"

namespace seabag::admin {
namespace {

using server::Request;
using server::Response;

// What it says is old at once.
Response fresh(Response response) {
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

// One of our files: nothing from elsewhere may run or be shown in it, nor it in another page.
Response page(const char* type, std::string_view text) {
  Response response{.content_type = type, .body = std::string(text)};
  response.fields.emplace_back("Content-Security-Policy",
                               "default-src 'none'; script-src 'self'; style-src 'self'; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                               "frame-ancestors 'none'");
  response.fields.emplace_back("X-Content-Type-Options", "nosniff");
  return fresh(std::move(response));
}

Response ready_response(bool is_ready) {
  Response response = Response::text(is_ready ? "ready\n" : "not ready\n");
  response.status = is_ready ? http::Status::ok : http::Status::service_unavailable;
  return fresh(std::move(response));
}

bool is_local_name(std::string_view host) {
  const auto with_port = net::Address::parse(host);
  const auto address = with_port ? with_port : net::Address::parse(std::string(host) + ":0");
  return address && address->is_local();
}

server::Handler for_local(server::Handler handler) {
  return [handler = std::move(handler)](const Request& request) {
    return is_local_name(request.field("Host").value_or("localhost"))
               ? handler(request)
               : fresh(Response::error(http::Status::forbidden));
  };
}

}  // namespace

Result<void> add_admin_routes(server::Router& router, const AdminOptions& options) {
  const auto add = [&](std::string_view path, server::Handler handler) {
    return router.add(
        http::Method::get, path,
        options.hosts == HostNames::any ? std::move(handler) : for_local(std::move(handler)));
  };
  const auto look = [options] {
    return read_overview(*options.board, options.version, options.started_at);
  };
  SEABAG_TRY(add("/healthz", [](const Request&) { return fresh(Response::text("alive\n")); }));
  SEABAG_TRY(add("/readyz", [look](const Request&) { return ready_response(look().is_ready()); }));
  SEABAG_TRY(add("/metrics", [look](const Request&) {
    Response response = Response::text(metrics_text(look()));
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return fresh(std::move(response));
  }));
  SEABAG_TRY(add("/", [](const Request&) { return Response::see_other("/status"); }));
  SEABAG_TRY(
      add("/status", [](const Request&) { return page("text/html; charset=utf-8", kStatusPage); }));
  SEABAG_TRY(add("/status.css",
                 [](const Request&) { return page("text/css; charset=utf-8", kStatusStyle); }));
  SEABAG_TRY(add("/status.js", [](const Request&) {
    return page("text/javascript; charset=utf-8", kStatusScript);
  }));
  return add("/status.json",
             [look](const Request&) { return fresh(Response::json(status_json(look()))); });
}

}  // namespace seabag::admin
