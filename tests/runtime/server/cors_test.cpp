#include "seabag/server/cors.h"

#include <string>

#include "http2_client.h"
#include "seabag/server/config.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Http2Client;
using test::Loopback;
using test::Reply;
using test::Served;

struct Site {
  explicit Site(std::vector<CorsRule> rules) {
    assets.add("/index.html", "home", "Vary: Accept-Encoding\r\n");
    assets.add("/api/a b.json", "{}");
    options.site.cors = std::move(rules);
    served.emplace(Services{.assets = &assets}, options);
  }

  Reply ask(const std::string& line, const std::string& fields) {
    Loopback client(served->address());
    return client.ask(line + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  }

  FixedAssets assets;
  ServerOptions options;
  std::optional<Served> served;
};

CorsRule rule() {
  return {.paths = {"/api"},
          .origins = {"https://app.example", "http://localhost:3000"},
          .methods = {"GET", "PUT"},
          .headers = {"Content-Type", "X-Token"},
          .expose = {"ETag"},
          .credentials = true,
          .max_age = 60};
}

constexpr const char* kPreflight =
    "Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n";

TEST_CASE("an origin that is named may read", "[server][cors]") {
  Site site({rule()});
  const Reply reply = site.ask("GET /api/a%20b.json", "Origin: http://localhost:3000\r\n");
  CHECK(reply.status == 200);
  CHECK(reply.body == "{}");
  CHECK(reply.field("access-control-allow-origin") == "http://localhost:3000");
  CHECK(reply.field("access-control-allow-credentials") == "true");
  CHECK(reply.field("access-control-expose-headers") == "ETag");
  CHECK(reply.field("vary") == "Origin");
  CHECK_FALSE(reply.field("access-control-allow-methods"));
}

TEST_CASE("no other origin may, and answers do not mix", "[server][cors]") {
  Site site({rule()});
  for (const char* origin :
       {"", "Origin: https://evil.example\r\n", "Origin: null\r\n",
        "Origin: https://app.example.evil\r\n", "Origin: https://app.exampl\r\n", "Origin: \r\n",
        "Origin: HTTPS://app.example\r\n"}) {
    CAPTURE(origin);
    const Reply reply = site.ask("GET /api/none", origin);
    CHECK(reply.status == 404);
    CHECK_FALSE(reply.field("access-control-allow-origin"));
    CHECK_FALSE(reply.field("access-control-allow-credentials"));
    CHECK(reply.field("vary") == "Origin");
  }
}

TEST_CASE("a path without a rule is as without rules", "[server][cors]") {
  Site site({rule()});
  for (const char* path : {"/", "/apix", "/index.html", "/api%2fa"}) {
    const Reply reply = site.ask(std::string("GET ") + path, kPreflight);
    CAPTURE(path);
    CHECK_FALSE(reply.field("access-control-allow-origin"));
    CHECK(reply.field("vary").value_or("Accept-Encoding") == "Accept-Encoding");
  }
  const Reply options = site.ask("OPTIONS /", kPreflight);
  CHECK(options.status == 204);
  CHECK(options.field("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a preflight is answered", "[server][cors]") {
  Site site({rule()});
  const Reply reply = site.ask("OPTIONS /api/x", kPreflight);
  CHECK(reply.status == 204);
  CHECK(reply.field("access-control-allow-origin") == "https://app.example");
  CHECK(reply.field("access-control-allow-methods") == "GET, PUT");
  CHECK(reply.field("access-control-allow-headers") == "Content-Type, X-Token");
  CHECK(reply.field("access-control-max-age") == "60");
  CHECK(reply.field("vary") == "Origin");
  const Reply foreign = site.ask("OPTIONS /api/x",
                                 "Origin: https://b.example\r\n"
                                 "access-control-request-method: PUT\r\n");
  CHECK(foreign.status == 204);
  CHECK_FALSE(foreign.field("access-control-allow-origin"));
  const Reply plain = site.ask("OPTIONS /api/x", "Origin: https://app.example\r\n");
  CHECK(plain.field("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a preflight over HTTP/2 is answered", "[server][cors]") {
  Site site({rule()});
  Http2Client client(site.served->address());
  const test::Fields fields = {{":method", "OPTIONS"},
                               {":scheme", "http"},
                               {":path", "/api/x"},
                               {":authority", "a"},
                               {"origin", "https://app.example"},
                               {"access-control-request-method", "PUT"}};
  client.socket.send(test::make_frame(http2::FrameType::headers,
                                      http2::kEndStream | http2::kEndHeaders, 1,
                                      test::block_of(fields)));
  const auto reply = client.receive_reply(1);
  CHECK(reply.status == "204");
  CHECK(reply.field("access-control-allow-methods") == "GET, PUT");
}

TEST_CASE("every site may where that is wanted", "[server][cors]") {
  Site site({{.origins = {"*"}}});
  for (const char* origin : {"", "Origin: https://any.example\r\n"}) {
    const Reply reply = site.ask("GET /index.html", origin);
    CHECK(reply.field("access-control-allow-origin") == "*");
    CHECK_FALSE(reply.field("access-control-allow-credentials"));
    CHECK(reply.field("vary") == "Accept-Encoding");
  }
}

TEST_CASE("the first rule for a path counts", "[server][cors]") {
  Site site({rule(), {.origins = {"*"}}});
  CHECK_FALSE(
      site.ask("GET /api/x", "Origin: https://b.example\r\n").field("access-control-allow-origin"));
  CHECK(site.ask("GET /x", "Origin: https://b.example\r\n").field("access-control-allow-origin") ==
        "*");
}

TEST_CASE("a rule of the settings is read and checked", "[server][cors][config]") {
  const auto config = parse_config(R"([[site.cors]]
paths = ["/api", "/data"]
origins = "https://app.example:8443"
headers = ["X-A"]
credentials = true
max_age = 0
[[site.cors]]
origins = "*"
)",
                                   "s.toml");
  REQUIRE(config);
  REQUIRE(config->cors.size() == 2);
  CHECK(config->cors[0].paths == std::vector<std::string>{"/api", "/data"});
  CHECK(config->cors[0].credentials);
  CHECK(config->cors[0].max_age == 0);
  CHECK(config->cors[1].paths == std::vector<std::string>{"/"});
  struct Row {
    const char* text;
    const char* detail;
  };
  const Row row = GENERATE(values<Row>({
      {"origins = \"*\"\ncredentials = true", "never go with \"*\""},
      {"origins = [\"*\", \"https://a\"]", "stands alone"},
      {"origins = \"https://a/\"", "is not scheme://host"},
      {"origins = \"https://A\"", "is not scheme://host"},
      {"origins = \"null\"", "is not scheme://host"},
      {"origins = \"https://a\\r\\nX: y\"", "is not scheme://host"},
      {"paths = \"/\"", "origins must name"},
      {"origins = \"*\"\npaths = []", "paths must name"},
      {"origins = \"*\"\npaths = \"api\"", "start with a slash"},
      {"origins = \"*\"\nmethods = \"*\"", "methods must be named"},
      {"origins = \"*\"\nheaders = \"a b\"", "is no name"},
      {"origins = \"*\"\nexpose = \"a\\r\\nb\"", "is no name"},
      {"origins = \"*\"\nmax_age = -1", "max_age must be"},
      {"origin = \"*\"", "unknown key 'origin'"},
  }));
  const auto wrong = parse_config(std::string("[[site.cors]]\n") + row.text, "s.toml");
  CAPTURE(row.text);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().path.starts_with("s.toml:"));
  CHECK(wrong.error().detail.find(row.detail) != std::string::npos);
  CHECK_FALSE(parse_config("[site]\ncors = 1", "s.toml"));
}

TEST_CASE("answers tell how long they took when that is wanted", "[server][timing]") {
  FixedAssets assets;
  assets.add("/a", "a");
  ServerOptions options;
  options.site.server_timing = true;
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  for (const char* request :
       {"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    const Reply reply = client.ask(request);
    CHECK(reply.field("server-timing").value_or("").starts_with("handle;dur="));
  }
  Http2Client second(served.address());
  CHECK(second.ask(1, "/a").field("server-timing").starts_with("handle;dur="));
}

}  // namespace
}  // namespace seabag::server
