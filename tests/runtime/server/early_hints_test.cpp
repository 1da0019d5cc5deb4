#include <string>

#include "http2_client.h"
#include "kept_replies.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Handed;
using test::Http2Client;
using test::Loopback;
using test::Served;

constexpr const char* kRules =
    "/shop/*\n  Link: </shop.css>; rel=preload; as=style\n  Link: </x>; rel=next\n  X-A: b\n"
    "/shop/bare\n  ! Link\n"
    "/file.html\n  Link: </a.css>; rel=preload; as=style\n";

struct App {
  App() {
    assets.add("/_headers", kRules);
    assets.add("/file.html", "file", "Link: </a.css>; rel=preload; as=style\r\n");
    const auto later = [this](const Request&, const Reply& reply) { replies.put(reply); };
    for (const char* path : {"/shop/cart", "/shop/bare", "/other"}) {
      REQUIRE(router.add(http::Method::get, path, later));
    }
    REQUIRE(router.add(http::Method::get, "/shop/now", [](const Request&, const Reply& reply) {
      reply.send(Response::text("now"));
    }));
    served.emplace(Services{.assets = &assets, .router = &router});
  }

  FixedAssets assets;
  Router router;
  Handed<Reply> replies;
  std::optional<Served> served;
};

TEST_CASE("a handler that takes its time is announced by hints", "[server][hints]") {
  App app;
  Http2Client client(app.served->address());
  client.socket.send(test::get_frame(1, "/shop/cart"));
  test::Http2Reply reply;
  CHECK_FALSE(client.add(client.receive_until(http2::FrameType::headers), reply));
  CHECK(reply.status == "103");
  CHECK(reply.field("link") == "</shop.css>; rel=preload; as=style");
  CHECK(reply.fields.size() == 1);
  app.replies.take().send(Response::text("cart"));
  while (!client.add(client.receive_frame(), reply)) {
  }
  CHECK(reply.status == "103 200");
  CHECK(reply.body == "cart");
}

TEST_CASE("hints go only where they save something", "[server][hints]") {
  App app;
  Http2Client client(app.served->address());
  CHECK(client.ask(1, "/shop/now").status == "200");
  CHECK(client.ask(3, "/file.html").status == "200");
  std::uint32_t stream = 5;
  for (const char* path : {"/shop/bare", "/other"}) {
    client.socket.send(test::get_frame(stream, path));
    app.replies.take().send(Response::text("late"));
    CHECK(client.receive_reply(stream).status == "200");
    stream += 2;
  }
}

TEST_CASE("HTTP/1.1 gets no hints", "[server][hints]") {
  App app;
  Loopback client(app.served->address());
  client.send("GET /shop/cart HTTP/1.1\r\nHost: a\r\n\r\n");
  app.replies.take().send(Response::text("cart"));
  CHECK(client.receive_reply().status == 200);
}

TEST_CASE("faulty rules of hints keep a server from starting", "[server][hints]") {
  FixedAssets assets;
  assets.add("/_headers", "no rule\n");
  CHECK_FALSE(Server::create({}, {.assets = &assets}));
}

}  // namespace
}  // namespace seabag::server
