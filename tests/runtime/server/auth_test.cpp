#include <string>
#include <vector>

#include "http2_client.h"
#include "seabag/server/auth_rule.h"
#include "seabag/server/config.h"
#include "seabag/server/handler.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Http2Client;
using test::Loopback;
using test::Reply;
using test::Served;

// `secret`
constexpr const char* kUsers =
    "ann:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/"
    "O6IND4WQhG.\n";
constexpr const char* kAnn = "Authorization: Basic YW5uOnNlY3JldA==\r\n";
constexpr const char* kWrong = "Authorization: Basic YW5uOndyb25n\r\n";

struct Site {
  explicit Site(std::vector<AuthRule> rules) {
    assets.add("/index.html", "home");
    assets.add("/admin/index.html", "admin");
    assets.add("/admin/a b.txt", "file", "Cache-Control: public, max-age=31536000\r\n");
    assets.add("/admin.html", "page");
    assets.add("/administrator.html", "public");
    assets.add_directory("/admin");
    options.site.auth = std::move(rules);
    REQUIRE(router.add(http::Method::post, "/admin/echo", [](const Request& request) {
      return Response::text(std::string(request.body()));
    }));
    served.emplace(Services{.assets = &assets, .router = &router}, options);
  }

  Reply ask(const std::string& line, const std::string& fields = "",
            const std::string& content = "") {
    Loopback client(served->address());
    return client.ask(line + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + content);
  }

  FixedAssets assets;
  Router router;
  ServerOptions options;
  std::optional<Served> served;
};

AuthRule admin() { return {.paths = {"/admin"}, .realm = "Admins", .users = kUsers}; }

TEST_CASE("a guarded path wants a password", "[server][auth]") {
  Site site({admin()});
  const Reply none = site.ask("GET /admin/");
  CHECK(none.status == 401);
  CHECK(none.field("www-authenticate") == "Basic realm=\"Admins\", charset=\"UTF-8\"");
  CHECK(none.body.find("admin") == std::string::npos);
  CHECK(site.ask("GET /admin/", kWrong).status == 401);
  const Reply right = site.ask("GET /admin/", kAnn);
  CHECK(right.status == 200);
  CHECK(right.body == "admin");
  CHECK(right.field("cache-control") == "private");
  CHECK(site.ask("GET /").status == 200);
  CHECK(site.ask("GET /", kWrong).status == 200);
}

TEST_CASE("no other way leads to a guarded path", "[server][auth]") {
  Site site({admin()});
  for (const char* path : {"/admin", "/admin/", "//admin/", "/admin//", "/./admin/", "/%61dmin/",
                           "/admin/index.html", "/admin.html", "/admin/a%20b.txt", "/admin?x",
                           "/admin/none", "/admin/echo", "/admin.txt"}) {
    CAPTURE(path);
    CHECK(site.ask(std::string("GET ") + path).status == 401);
    CHECK(site.ask(std::string("POST ") + path).status == 401);
  }
  CHECK(site.ask("GET /x/../admin/").status == 400);
  CHECK(site.ask("GET http://a/admin/").status == 401);
  CHECK(site.ask("OPTIONS /admin/").status == 401);
  CHECK(site.ask("DELETE /admin/").status == 401);
  CHECK(site.ask("GET /administrator").status == 200);
  CHECK(site.ask("GET /Admin/").status == 404);
  CHECK(site.ask("GET /admin%2findex.html").status == 404);
  CHECK(site.ask("GET /admin/", std::string(kAnn) + kAnn).status == 401);
  CHECK(site.ask("GET /admin/", std::string(kWrong) + kAnn).status == 401);
}

TEST_CASE("a rule for a page covers its clean URL", "[server][auth]") {
  Site site({{.paths = {"/admin.html", "/none/"}, .users = kUsers}});
  for (const char* path : {"/admin.html", "/admin", "/admin/", "/none", "/none/x"}) {
    CAPTURE(path);
    CHECK(site.ask(std::string("GET ") + path).status == 401);
  }
  CHECK(site.ask("GET /").status == 200);
}

TEST_CASE("the whole site can be guarded", "[server][auth]") {
  Site site({{.users = kUsers}});
  CHECK(site.ask("GET /").status == 401);
  CHECK(site.ask("GET /none.txt").status == 401);
  CHECK(site.ask("GET /", kAnn).body == "home");
}

TEST_CASE("the first password rule for a path counts", "[server][auth]") {
  const std::string bob = "bob" + std::string(kUsers).substr(3);
  Site site({admin(), {.users = bob}});
  CHECK(site.ask("GET /admin/", "Authorization: Basic Ym9iOnNlY3JldA==\r\n").status == 401);
  CHECK(site.ask("GET /", "Authorization: Basic Ym9iOnNlY3JldA==\r\n").status == 200);
  CHECK(site.ask("GET /", kAnn).status == 401);
}

TEST_CASE("content waits for the password", "[server][auth]") {
  Site site({admin()});
  const std::string fields = "Content-Length: 5\r\n";
  CHECK(site.ask("POST /admin/echo", fields, "hello").status == 401);
  CHECK(site.ask("POST /admin/echo", fields + kAnn, "hello").body == "hello");
  Loopback client(site.served->address());
  client.send(std::string("POST /admin/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n") +
              "Content-Length: 1000000\r\n\r\n");
  CHECK(client.receive_reply().status == 401);
  CHECK(client.is_ended());
}

TEST_CASE("pipelined requests wait for the password in their order", "[server][auth]") {
  Site site({admin()});
  Loopback client(site.served->address());
  const std::string open = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string closed = std::string("GET /admin/ HTTP/1.1\r\nHost: a\r\n") + kAnn + "\r\n";
  client.send(open + closed + open + closed);
  for (const char* body : {"home", "admin", "home", "admin"}) {
    CHECK(client.receive_reply().body == body);
  }
}

TEST_CASE("requests over HTTP/2 wait for the password", "[server][auth]") {
  Site site({admin()});
  Http2Client client(site.served->address());
  const auto none = client.ask(1, "/admin/");
  CHECK(none.status == "401");
  CHECK(none.field("www-authenticate") == "Basic realm=\"Admins\", charset=\"UTF-8\"");
  const test::Fields ann = {{"authorization", "Basic YW5uOnNlY3JldA=="}};
  CHECK(client.ask(3, "/admin/", ann).body == "admin");
  client.socket.send(test::get_frame(5, "/admin/", {{"authorization", "Basic YW5uOndyb25n"}}) +
                     test::get_frame(7, "/"));
  CHECK(client.receive_reply(5).status == "401");
  CHECK(client.receive_reply(7).body == "home");
}

TEST_CASE("content over HTTP/2 waits for the password", "[server][auth]") {
  Site site({admin()});
  Http2Client client(site.served->address());
  const test::Fields ann = {{"authorization", "Basic YW5uOnNlY3JldA=="}};
  client.socket.send(test::post_frame(1, "/admin/echo", ann) +
                     test::data_frame(1, "hello", http2::kEndStream));
  CHECK(client.receive_reply(1).body == "hello");
  client.socket.send(test::post_frame(3, "/admin/echo") + test::data_frame(3, "hello"));
  CHECK(client.receive_reply(3).status == "401");
}

TEST_CASE("whoever guesses is told to wait", "[server][auth]") {
  Site site({admin()});
  Loopback client(site.served->address());
  int limited = 0;
  for (char c = 'A'; c <= 'Z'; ++c) {
    const Reply reply =
        client.ask(std::string("GET /admin/ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTp") + c +
                   "\r\n\r\n");
    CHECK((reply.status == 401 || reply.status == 429));
    limited += reply.status == 429 ? 1 : 0;
    CHECK(reply.field("retry-after").has_value() == (reply.status == 429));
  }
  CHECK(limited > 0);
  CHECK(site.ask("GET /").status == 200);
}

TEST_CASE("a client that has no more to say is answered", "[server][auth]") {
  Site site({admin()});
  Loopback client(site.served->address());
  client.send(std::string("GET /admin/ HTTP/1.1\r\nHost: a\r\n") + kAnn + "\r\n");
  client.finish_sending();
  CHECK(client.receive_reply().body == "admin");
  CHECK(client.is_ended());
}

TEST_CASE("a client that leaves while it waits does no harm", "[server][auth]") {
  Site site({admin()});
  for (int i = 0; i < 5; ++i) {
    Loopback client(site.served->address());
    client.send(std::string("GET /admin/ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTp") +
                static_cast<char>('A' + i) + "\r\n\r\n");
    client.abort();
  }
  CHECK(site.ask("GET /admin/", kAnn).status == 200);
}

TEST_CASE("guards of the settings are read and checked", "[server][auth][config]") {
  const std::string user = std::string(kUsers, std::string_view(kUsers).size() - 1);
  const auto config = parse_config("[[site.auth]]\npaths = \"/admin\"\nusers = '" + user +
                                       "'\nallow_plain = true\n[[site.auth]]\nfile = \"users\"\n",
                                   "s.toml");
  REQUIRE(config);
  REQUIRE(config->auth.size() == 2);
  CHECK(config->auth[0].users == kUsers);
  CHECK(config->auth[0].allow_plain);
  CHECK(config->auth[1].file == "users");
  CHECK(config->auth[1].paths == std::vector<std::string>{"/"});
  struct Row {
    const char* text;
    const char* detail;
  };
  const Row row = GENERATE(values<Row>({
      {"", "no users and no file"},
      {"users = \"ann\"", "NAME:HASH"},
      {"users = \"\"", "NAME:HASH"},
      {"users = \"ann:secret\"", "unknown or weak; make one with"},
      {"file = \"f\"\npaths = []", "at least one"},
      {"file = \"f\"\npaths = \"admin\"", "no absolute path"},
      {"file = \"f\"\npaths = \"/a/*\"", "leave out the *"},
      {"file = \"f\"\npaths = \"/a/index.html\"", "name that"},
      {"file = \"f\"\nrealm = 'a\"b'", "realm must not"},
      {"file = \"f\"\nrealm = \"a\\r\\nb\"", "realm must not"},
      {"file = \"f\"\nallow_plain = 1", "true or false"},
      {"passwords = \"f\"", "unknown key"},
  }));
  const auto wrong = parse_config(std::string("[[site.auth]]\n") + row.text, "s.toml");
  CAPTURE(row.text);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().path.starts_with("s.toml:"));
  CHECK(wrong.error().detail.find(row.detail) != std::string::npos);
}

TEST_CASE("users can be replaced while a server runs", "[server][auth]") {
  Site site({admin(), {.users = kUsers}});
  REQUIRE(site.ask("GET /admin/", kAnn).status == 200);
  AuthRule others = admin();
  others.users = "bob" + std::string(kUsers).substr(3);
  REQUIRE(site.served->server().replace_users({others, {.users = kUsers}}));
  CHECK(site.ask("GET /admin/", kAnn).status == 401);
  CHECK(site.ask("GET /admin/", "Authorization: Basic Ym9iOnNlY3JldA==\r\n").status == 200);
  CHECK(site.ask("GET /", kAnn).status == 200);

  const auto bad = site.served->server().replace_users({admin(), {.users = "ann:secret\n"}});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().path == "users:1");
  CHECK(site.ask("GET /admin/", kAnn).status == 401);
}

TEST_CASE("a server with a bad file of users does not start", "[server][auth]") {
  FixedAssets assets;
  ServerOptions options;
  options.site.auth = {{.users = "ann:secret\n", .file = "/etc/users"}};
  const auto server = Server::create(options, {.assets = &assets});
  REQUIRE_FALSE(server);
  CHECK(server.error().path == "/etc/users:1");
}

}  // namespace
}  // namespace seabag::server
