#include "seabag/admin/admin.h"

#include <utility>

#include "seabag/admin/overview.h"
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

Response ready_response(bool is_ready) {
  Response response = Response::text(is_ready ? "ready\n" : "not ready\n");
  response.status = is_ready ? http::Status::ok : http::Status::service_unavailable;
  return fresh(std::move(response));
}

}  // namespace

Result<void> add_admin_routes(server::Router& router, const AdminOptions& options) {
  const auto add = [&router](std::string_view path, server::Handler handler) {
    return router.add(http::Method::get, path, std::move(handler));
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
  SEABAG_TRY(add("/status",
                 [](const Request&) { return fresh(Response::html(std::string(kStatusPage))); }));
  return add("/status.json",
             [look](const Request&) { return fresh(Response::json(status_json(look()))); });
}

}  // namespace seabag::admin
