// Handlers that make JSON for every request: `orders PORT`, then GET /orders/:id for a small object
// and /lists/:id for one with ten more in it. What they answer is what orders.go and orders_*.cjs
// answer, byte for byte, made as their users would.
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "seabag/net/listener.h"
#include "seabag/server/handler.h"
#include "seabag/server/server.h"

namespace {

using namespace seabag;
using Json = nlohmann::ordered_json;

Json make_order(int id) {
  return {{"id", id}, {"customer", "Harbour " + std::to_string(id)}, {"paid", id % 2 == 0}};
}

Json make_list(int id) {
  Json order = make_order(id);
  Json& items = order["items"] = Json::array();
  for (int item = 0; item < 10; ++item) {
    items.push_back({{"sku", "A-" + std::to_string(id * 10 + item)},
                     {"name", "item " + std::to_string(item)},
                     {"count", item % 3 + 1},
                     {"price", item * 7 + 0.25}});
  }
  return order;
}

server::Handler answer_with(Json (*make)(int)) {
  return [make](const server::Request& request) {
    const std::string_view text = request.param("id");
    int id = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), id).ptr != text.end()) {
      return server::Response::error(http::Status::bad_request);
    }
    return server::Response::json(make(id).dump());
  };
}

Result<void> serve(const std::string& port) {
  const auto listeners =
      SEABAG_TRY(net::ListenerGroup::open(SEABAG_TRY(net::Address::parse("127.0.0.1:" + port)), 1));
  server::Router router;
  SEABAG_TRY(router.add(http::Method::get, "/orders/:id", answer_with(make_order)));
  SEABAG_TRY(router.add(http::Method::get, "/lists/:id", answer_with(make_list)));
  const auto server = SEABAG_TRY(server::Server::create({}, {.router = &router}));
  SEABAG_TRY(server->listen(listeners.listener(0)));
  return server->run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: orders PORT\n", stderr);
    return 2;
  }
  if (const auto served = serve(argv[1]); !served) {
    std::fprintf(stderr, "orders: %s\n", served.error().message().c_str());
    return 1;
  }
  return 0;
}
