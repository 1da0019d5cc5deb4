#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;
using vfs::Encoding;

constexpr int kOften = 4;  // the third one is given by heart

FixedAssets make_site() {
  FixedAssets assets;
  assets.add_directory("/");
  assets.add("/index.html", "<home>", "Content-Type: text/html\r\nVary: Accept-Encoding\r\n");
  assets.asset("/index.html").not_modified_fields = "Vary: Accept-Encoding\r\n";
  assets.add_variant("/index.html", Encoding::gzip, "GZ");
  assets.add("/digits.txt", "0123456789");
  assets.add("/empty.txt", "");
  assets.add("/large.txt", std::string(100'000, 'x'));
  return assets;
}

std::string complete(const std::string& line, const std::string& fields = {}) {
  return line + " HTTP/1.1\r\nHost: site\r\n" + fields + "\r\n";
}

ReplyBody body_of(const std::string& request) {
  return request.starts_with("HEAD") ? ReplyBody::none : ReplyBody::as_told;
}

/// All but the date, in the order in which it came.
std::vector<std::pair<std::string, std::string>> lasting_fields(const Reply& reply) {
  std::vector<std::pair<std::string, std::string>> fields = reply.fields;
  std::erase_if(fields, [](const auto& field) { return field.first == "Date"; });
  return fields;
}

TEST_CASE("an answer that comes again is the same", "[server][prepared]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const std::string tag = *client.ask(complete("GET /")).field("ETag");
  for (const std::string& request :
       {complete("GET /"), complete("GET /", "Accept-Encoding: gzip\r\n"), complete("HEAD /"),
        complete("GET /index.html?a=b"), complete("GET http://site/digits.txt"),
        complete("GET /empty.txt"), complete("GET /large.txt"), complete("HEAD /large.txt"),
        complete("GET /", "If-None-Match: " + tag + "\r\n"),
        complete("GET /", "If-None-Match: \"other\"\r\n"),
        std::string("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")}) {
    CAPTURE(request);
    const Reply first = client.ask(request, body_of(request));
    for (int i = 0; i < kOften; ++i) {
      const Reply again = client.ask(request, body_of(request));
      CHECK(again.status == first.status);
      CHECK(again.reason == first.reason);
      CHECK(lasting_fields(again) == lasting_fields(first));
      CHECK(again.field("Date").value_or("").size() == first.field("Date")->size());
      CHECK(again.body == first.body);
    }
  }
}

TEST_CASE("a client that repeats itself may do so in any pieces", "[server][prepared]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const std::string request = complete("GET /digits.txt", "User-Agent: poller\r\n");
  for (int i = 0; i < kOften; ++i) {
    client.ask(request);
  }
  std::string batch;
  for (std::size_t i = 0; i < request.size(); ++i) {
    batch += request;
  }
  const std::size_t piece = request.size() + 1;  // so that each begins somewhere else
  for (std::size_t at = 0; at < batch.size(); at += piece) {
    client.send(std::string_view(batch).substr(at, piece));
  }
  for (std::size_t i = 0; i < request.size(); ++i) {
    CHECK(client.receive_reply().body == "0123456789");
  }
  // The same, but for its end.
  CHECK(
      client.ask(complete("GET /digits.txt", "User-Agent: poller\r\nRange: bytes=0-1\r\n")).body ==
      "01");
  CHECK(client.ask(complete("GET /digits.txt", "User-Agent: poller\r\nHost: x\r\n")).status == 400);
  CHECK(client.is_ended());
}

TEST_CASE("a client that repeats itself is told when the server drains", "[server][prepared]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  for (int i = 0; i < kOften; ++i) {
    client.ask(complete("GET /digits.txt"));
  }
  served.server().stop();
  Reply reply = client.ask(complete("GET /digits.txt"));
  while (!reply.field("Connection")) {  // it has not noticed yet
    reply = client.ask(complete("GET /digits.txt"));
  }
  CHECK(reply.field("Connection") == "close");
  CHECK(reply.body == "0123456789");
  CHECK(client.is_ended());
}

TEST_CASE("what else a request says counts however often its target came", "[server][prepared]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  std::string tag;
  for (int i = 0; i < kOften; ++i) {
    client.ask(complete("GET /"));
    tag = client.ask(complete("GET /", "Accept-Encoding: gzip\r\n")).field("ETag").value_or("");
  }
  const auto ask = [&](const std::string& fields) {
    return client.ask(complete("GET /", "Accept-Encoding: gzip\r\n" + fields));
  };
  CHECK(ask("").body == "GZ");
  CHECK(client.ask(complete("GET /", "Accept-Encoding: br\r\n")).body == "<home>");
  CHECK(ask("Accept-Encoding: identity;q=1, gzip;q=0\r\n").body == "<home>");
  CHECK(ask("Range: bytes=1-1\r\n").body == "h");
  CHECK(ask("Range: bytes=1-1\r\nIf-Range: " + tag + "\r\n").body == "Z");
  CHECK(ask("If-Match: \"other\"\r\n").status == 412);
  CHECK(ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status == 304);
  CHECK(ask("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n").status == 412);
  CHECK(ask("If-None-Match: " + tag + "\r\n").status == 304);
  CHECK(ask("If-None-Match: \"other\", W/" + tag + "\r\n").status == 304);
  CHECK(ask("If-None-Match: \"other\"\r\nIf-None-Match: " + tag + "\r\n").status == 304);
  CHECK(ask("If-None-Match: " + tag + "\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n")
            .status == 304);
  CHECK(ask("If-None-Match: " + tag + "\r\nIf-Match: \"other\"\r\n").status == 412);
  CHECK(client.ask(complete("POST /", "Content-Length: 2\r\n") + "ab").status == 405);
  CHECK(client.ask(complete("GET /", "Content-Length: 2\r\n") + "ab").status == 200);
  CHECK(client.ask(complete("OPTIONS /")).status == 204);
  const Reply last = ask("Connection: close\r\n");
  CHECK(last.field("Connection") == "close");
  CHECK(last.body == "GZ");
  CHECK(client.is_ended());
}

TEST_CASE("a page that depends on Accept is not given by heart", "[server][prepared]") {
  const FixedAssets assets = make_site();
  ServerOptions options;
  options.site.names.spa_fallback = "/index.html";
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  for (int i = 0; i < kOften; ++i) {
    CHECK(client.ask(complete("GET /route", "Accept: text/html\r\n")).body == "<home>");
    CHECK(client.ask(complete("GET /route", "Accept: */*\r\n")).status == 404);
  }
}

TEST_CASE("a handler and an asset of the same name both go on", "[server][prepared]") {
  const FixedAssets assets = make_site();
  Router router;
  REQUIRE(router.add(http::Method::post, "/digits.txt",
                     [](const Request&) { return Response::text("new"); }));
  REQUIRE(router.add(http::Method::get, "/empty.txt",
                     [](const Request&) { return Response::text("mine"); }));
  Served served({.assets = &assets, .router = &router});
  Loopback client(served.address());
  for (int i = 0; i < kOften; ++i) {
    CHECK(client.ask(complete("GET /digits.txt")).body == "0123456789");
    CHECK(client.ask(complete("POST /digits.txt")).body == "new");
    CHECK(client.ask(complete("GET /empty.txt")).body == "mine");
    CHECK(client.ask(complete("GET /large.txt")).body.size() == 100'000);
  }
}

}  // namespace
}  // namespace seabag::server
