#include "seabag/server/handler.h"

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using http::Method;
using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;

/// An app with a handler for everything that a test asks.
class App {
 public:
  App() {
    assets_.add("/index.html", "<home>");
    assets_.add("/form.html", "<form>");
    add(Method::get, "/api/greet/:name", [](const Request& request) {
      return Response::json("{\"hello\":\"" + std::string(request.param("name")) + "\"}");
    });
    add(Method::post, "/api/echo", [](const Request& request) {
      Response response = Response::text(std::string(request.body()));
      response.fields.emplace_back("X-Type", request.field("content-type").value_or("none"));
      return response;
    });
    add(Method::get, "/api/query", [](const Request& request) {
      return Response::text(request.query_value("q").value_or("(none)") + " of " +
                            std::string(request.query()));
    });
    add(Method::post, "/form.html", [](const Request&) { return Response::see_other("/done"); });
    add(Method::delete_resource, "/api/item", [](const Request&) {
      return Response{.status = http::Status::no_content, .content_type = {}};
    });
    add(Method::get, "/api/throw",
        [](const Request&) -> Response { throw std::runtime_error("no database"); });
    add(Method::get, "/api/split", [](const Request&) {
      return Response{.fields = {{"X-A", "b\r\nX-Injected: c"}}};
    });
    add(Method::get, "/api/owned", [](const Request&) {
      return Response{.fields = {{"content-length", "5"}}};
    });
    add(Method::get, "/api/large",
        [](const Request&) { return Response::text(std::string(2'000'000, 'l')); });
    add(Method::get, "/api/client",
        [](const Request& request) { return Response::text(std::string(request.client())); });
  }

  [[nodiscard]] Services services() const { return {.assets = &assets_, .router = &router_}; }

 private:
  void add(Method method, const char* pattern, Handler handler) {
    REQUIRE(router_.add(method, pattern, std::move(handler)));
  }

  FixedAssets assets_;
  Router router_;
};

std::string request(const std::string& line, const std::string& fields = "",
                    const std::string& content = "") {
  return line + " HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n" + content;
}

std::string post(const std::string& content) {
  return request("POST /api/echo", "Content-Length: " + std::to_string(content.size()) + "\r\n",
                 content);
}

TEST_CASE("a handler answers with what the path says", "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address());
  const Reply reply = client.ask(request("GET /api/greet/w%C3%B6rld"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\"hello\":\"w\xc3\xb6rld\"}");
  CHECK(reply.field("Content-Type") == "application/json");
  CHECK(reply.field("X-Content-Type-Options") == "nosniff");
  CHECK(client.ask(request("HEAD /api/greet/you"), ReplyBody::none).field("Content-Length") ==
        "15");
  CHECK(client.ask(request("GET /")).body == "<home>");
  CHECK(client.ask(request("GET /api/client")).body == "127.0.0.1");
  CHECK(client.ask(request("GET /api/none")).status == 404);
}

TEST_CASE("a server may have handlers only", "[server][handler]") {
  Router router;
  REQUIRE(router.add(Method::get, "/api", [](const Request&) { return Response::text("here"); }));
  Served served({.router = &router});
  Loopback client(served.address());
  CHECK(client.ask(request("GET /api")).body == "here");
  CHECK(client.ask(request("GET /")).status == 404);
  CHECK(client.ask(request("GET /index.html")).status == 404);
}

TEST_CASE("query parameters are decoded", "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address());
  struct Row {
    const char* query;
    const char* value;
  };
  const Row rows[] = {{"?q=a+b%21", "a b!"}, {"?x=1&q=2&q=3", "2"}, {"?q", ""},
                      {"", "(none)"},        {"?%71=5", "5"},       {"?q=%zz%4", "%zz%4"},
                      {"?qq=1", "(none)"}};
  for (const Row& row : rows) {
    CAPTURE(row.query);
    const std::string query(row.query);
    CHECK(client.ask(request("GET /api/query" + query)).body ==
          std::string(row.value) + " of " + (query.empty() ? "" : query.substr(1)));
  }
}

TEST_CASE("methods without a handler", "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(request("GET /form.html")).body == "<form>");
  const Reply moved = client.ask(request("POST /form.html"));
  CHECK(moved.status == 303);
  CHECK(moved.field("Location") == "/done");
  const Reply refused = client.ask(request("PUT /form.html"));
  CHECK(refused.status == 405);
  CHECK(refused.field("Allow") == "GET, HEAD, OPTIONS, POST");
  const Reply other = client.ask(request("GET /api/item"));
  CHECK(other.status == 405);
  CHECK(other.field("Allow") == "GET, HEAD, OPTIONS, DELETE");
  const Reply options = client.ask(request("OPTIONS /api/item"));
  CHECK(options.status == 204);
  CHECK(options.field("Allow") == "GET, HEAD, OPTIONS, DELETE");
  const Reply removed = client.ask(request("DELETE /api/item"));
  CHECK(removed.status == 204);
  CHECK_FALSE(removed.field("Content-Length"));
}

TEST_CASE("content reaches the handler, however it comes", "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(post("hello")).body == "hello");
  CHECK(client.ask(post("")).body.empty());
  const std::string large(700'000, 'x');
  CHECK(client.ask(post(large)).body == large);
  const std::string chunks =
      "5;ext=1\r\nhello\r\n1\r\n \r\nA\r\nworld12345\r\n0\r\nX-Trailer: t\r\n\r\n";
  const std::string chunked =
      request("POST /api/echo", "Transfer-Encoding: chunked\r\nContent-Type: text/x\r\n", chunks);
  const Reply reply = client.ask(chunked);
  CHECK(reply.body == "hello world12345");
  CHECK(reply.field("X-Type") == "text/x");

  // Byte by byte, and several together with something behind them.
  for (const std::string& one : {chunked, post("hello")}) {
    for (const char byte : one) {
      client.send({&byte, 1});
    }
    CHECK(client.receive_reply().status == 200);
  }
  client.send(chunked + post("a") + chunked + post("b") + request("GET /"));
  CHECK(client.receive_reply().body == "hello world12345");
  CHECK(client.receive_reply().body == "a");
  CHECK(client.receive_reply().body == "hello world12345");
  CHECK(client.receive_reply().body == "b");
  CHECK(client.receive_reply().body == "<home>");
}

TEST_CASE("a client that expects 100 gets it before it sends content", "[server][handler]") {
  const App app;
  ServerOptions options;
  options.limits.body = 100;
  Served served(app.services(), options);
  Loopback client(served.address());
  client.send(request("POST /api/echo", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
  CHECK(client.receive_reply().status == 100);
  client.send("hello");
  CHECK(client.receive_reply().body == "hello");
  // Content that is there already needs no 100.
  CHECK(client.ask(request("POST /api/echo", "Content-Length: 2\r\nExpect: 100-continue\r\n", "ab"))
            .body == "ab");
  // A final answer instead, when it would be sent for nothing.
  client.send(request("POST /api/echo", "Content-Length: 101\r\nExpect: 100-continue\r\n"));
  CHECK(client.receive_reply().status == 413);
  CHECK(client.receive_all().empty());
  Loopback other(served.address());
  other.send(request("POST /none", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
  const Reply refused = other.receive_reply();
  CHECK(refused.status == 405);
  CHECK(refused.field("Connection") == "close");
}

TEST_CASE("content that is too large or malformed ends the connection", "[server][handler]") {
  const App app;
  ServerOptions options;
  options.limits.body = 10;
  Served served(app.services(), options);
  struct Row {
    std::string bytes;
    int status;
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const Row rows[] = {
      {post("12345678901"), 413},
      {request("POST /api/echo", "Content-Length: 9000000000000000000\r\n"), 413},
      {request("POST /api/echo", chunked, "6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n"), 413},
      {request("POST /api/echo", chunked, "x\r\n"), 400},
      {request("POST /api/echo", chunked, "2\r\nabX\r\n"), 400},
      {request("POST /api/echo", chunked, "00000000000000001\r\n"), 400},
      {request("POST /api/echo", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {request("POST /api/echo", "Content-Length: +3\r\n"), 400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    Loopback client(served.address());
    client.send(request("GET /") + row.bytes + request("GET /"));
    CHECK(client.receive_reply().body == "<home>");
    CHECK(client.receive_reply().status == row.status);
    CHECK(client.receive_all().empty());
  }
  Loopback client(served.address());
  CHECK(client.ask(post("1234567890")).body == "1234567890");
}

TEST_CASE("content that nobody wants ends the connection when it is not there yet",
          "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(request("GET /", "Content-Length: 3\r\n", "abc")).body == "<home>");
  client.send(request("GET /", "Content-Length: 1000000\r\n", "abc"));
  const Reply reply = client.receive_reply();
  CHECK(reply.body == "<home>");
  CHECK(reply.field("Connection") == "close");
  CHECK(client.receive_all().empty());
}

TEST_CASE("a handler that fails is a 500, and somebody is told", "[server][handler]") {
  const App app;
  std::mutex mutex;
  std::vector<std::string> lines;
  ServerOptions options;
  options.report = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  };
  Served served(app.services(), options);
  Loopback client(served.address());
  for (const char* path : {"/api/throw", "/api/split", "/api/owned"}) {
    CAPTURE(path);
    const Reply reply = client.ask(request(std::string("GET ") + path));
    CHECK(reply.status == 500);
    CHECK_FALSE(reply.field("X-Injected"));
  }
  CHECK(client.ask(request("GET /")).body == "<home>");
  const std::lock_guard lock(mutex);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "no database");
}

TEST_CASE("a large answer of a handler arrives whole", "[server][handler]") {
  const App app;
  Served served(app.services());
  Loopback client(served.address(), 4096);
  client.send(request("GET /api/large") + request("GET /api/large"));
  CHECK(client.receive_reply().body == std::string(2'000'000, 'l'));
  CHECK(client.receive_reply().body == std::string(2'000'000, 'l'));
}

}  // namespace
}  // namespace seabag::server
