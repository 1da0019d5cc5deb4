// Handlers that make JSON for every request: `orders PORT`, then GET /orders/:id for a small object
// and /lists/:id for one with ten more in it. What they answer is what orders.go and orders_*.cjs
// answer, byte for byte, made as their users would.
#include <charconv>
#include <cstdio>
#include <string>

#include "seabag/net/listener.h"
#include "seabag/server/handler.h"
#include "seabag/server/json.h"
#include "seabag/server/server.h"

namespace {

using namespace seabag;
using server::JsonWriter;

JsonWriter& begin_order(JsonWriter& json, int id) {
  return json.begin_object()
      .member("id", id)
      .member("customer", "Harbour " + std::to_string(id))
      .member("paid", id % 2 == 0);
}

void write_order(JsonWriter& json, int id) { begin_order(json, id).end_object(); }

void write_list(JsonWriter& json, int id) {
  begin_order(json, id).name("items").begin_array();
  for (int item = 0; item < 10; ++item) {
    json.begin_object()
        .member("sku", "A-" + std::to_string(id * 10 + item))
        .member("name", "item " + std::to_string(item))
        .member("count", item % 3 + 1)
        .member("price", item * 7 + 0.25)
        .end_object();
  }
  json.end_array().end_object();
}

server::Handler answer_with(void (*write)(JsonWriter&, int)) {
  return [write](const server::Request& request) {
    const std::string_view text = request.param("id");
    int id = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), id).ptr != text.end()) {
      return server::Response::error(http::Status::bad_request);
    }
    JsonWriter json;
    write(json, id);
    return server::Response::json(json.take());
  };
}

Result<void> serve(const std::string& port) {
  const auto listeners =
      SEABAG_TRY(net::ListenerGroup::open(SEABAG_TRY(net::Address::parse("127.0.0.1:" + port)), 1));
  server::Router router;
  SEABAG_TRY(router.add(http::Method::get, "/orders/:id", answer_with(write_order)));
  SEABAG_TRY(router.add(http::Method::get, "/lists/:id", answer_with(write_list)));
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
