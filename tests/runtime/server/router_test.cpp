#include "seabag/server/router.h"

#include <string>
#include <vector>

#include "seabag/server/handler.h"
#include "support/catch.h"

namespace seabag::server {
namespace {

using http::Method;

/// A handler that says which one it is.
Handler named(const std::string& name) {
  return [name](const Request&) { return Response::text(name); };
}

std::string call(const RouteMatch& match) {
  const http::RequestHead head{};
  const Request request(head, "/", match, {}, {});
  return std::get<Handler>(match.route->handler)(request).body;
}

TEST_CASE("the most literal pattern wins", "[server][router]") {
  Router router;
  for (const char* pattern :
       {"/", "/users", "/users/me", "/users/:id", "/users/:id/posts", "/users/:id/posts/:post",
        "/users/*rest", "/files/*path", "/:any", "/users/me/posts/:mine"}) {
    REQUIRE(router.add(Method::get, pattern, named(pattern)));
  }
  struct Row {
    const char* path;
    const char* pattern;  ///< empty: none
  };
  const Row rows[] = {
      {"/", "/"},
      {"/users", "/users"},
      {"/users/me", "/users/me"},
      {"/users/7", "/users/:id"},
      {"/users/7/posts", "/users/:id/posts"},
      {"/users/me/posts", "/users/:id/posts"},
      {"/users/me/posts/1", "/users/me/posts/:mine"},
      {"/users/7/posts/1", "/users/:id/posts/:post"},
      {"/users/7/likes", "/users/*rest"},
      {"/users/7/posts/1/x", "/users/*rest"},
      {"/files/a/b/c.txt", "/files/*path"},
      {"/files", "/:any"},
      {"/other", "/:any"},
      {"/other/more", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const RouteMatch match = router.match(Method::get, row.path);
    if (*row.pattern == '\0') {
      CHECK(match.state == RouteMatch::State::none);
    } else {
      REQUIRE(match.state == RouteMatch::State::found);
      CHECK(call(match) == row.pattern);
    }
  }
}

TEST_CASE("names stand for parts of the path", "[server][router]") {
  Router router;
  REQUIRE(router.add(Method::get, "/a/:x/b/:y", named("")));
  REQUIRE(router.add(Method::get, "/files/:volume/*path", named("")));
  RouteMatch match = router.match(Method::get, "/a/1/b/two%2F3");
  REQUIRE(match.state == RouteMatch::State::found);
  CHECK(match.param("x") == "1");
  CHECK(match.param("y") == "two%2F3");
  CHECK(match.param("z").empty());
  match = router.match(Method::get, "/files/home/a/b.txt");
  CHECK(match.param("volume") == "home");
  CHECK(match.param("path") == "a/b.txt");
}

TEST_CASE("methods have handlers of their own", "[server][router]") {
  Router router;
  REQUIRE(router.add(Method::get, "/x", named("get")));
  REQUIRE(router.add(Method::post, "/x", named("post")));
  REQUIRE(router.add(Method::post, "/y", named("y")));
  REQUIRE(router.add(Method::head, "/y", named("head")));
  CHECK(call(router.match(Method::get, "/x")) == "get");
  CHECK(call(router.match(Method::post, "/x")) == "post");
  CHECK(call(router.match(Method::head, "/x")) == "get");
  CHECK(call(router.match(Method::head, "/y")) == "head");
  CHECK(router.match(Method::get, "/y").state == RouteMatch::State::other_method);
  CHECK(router.match(Method::other, "/x").state == RouteMatch::State::other_method);
  CHECK(router.match(Method::put, "/x").state == RouteMatch::State::other_method);
  CHECK(router.match(Method::put, "/z").state == RouteMatch::State::none);
}

TEST_CASE("a trailing slash makes no difference to a route", "[server][router]") {
  Router router;
  REQUIRE(router.add(Method::get, "/with/", named("with")));
  REQUIRE(router.add(Method::get, "/without", named("without")));
  CHECK(call(router.match(Method::get, "/with")) == "with");
  CHECK(call(router.match(Method::get, "/without/")) == "without");
}

TEST_CASE("bad and repeated patterns are refused", "[server][router]") {
  Router router;
  for (const char* pattern : {"", "x", "//", "/a//b", "/:", "/*", "/*rest/x", "/:a/:a", "/:a/*a",
                              "/:a/:b/:c/:d/:e/:f/:g/:h/:i/:j/:k/:l/:m/:n/:o/:p/:q"}) {
    CAPTURE(pattern);
    const auto added = router.add(Method::get, pattern, named(""));
    REQUIRE_FALSE(added);
    CHECK(added.error().is(std::errc::invalid_argument));
    CHECK(added.error().path == pattern);
  }
  CHECK(router.is_empty());
  for (const Method method : {Method::connect, Method::trace, Method::other}) {
    CHECK_FALSE(router.add(method, "/x", named("")));
  }
  REQUIRE(router.add(Method::get, "/x/:a", named("")));
  const auto again = router.add(Method::get, "/x/:b", named(""));
  REQUIRE_FALSE(again);
  CHECK(again.error().is(std::errc::file_exists));
  CHECK(router.add(Method::put, "/x/:b", named("")));
}

TEST_CASE("matching a long hostile path takes no longer than its pattern", "[server][router]") {
  Router router;
  REQUIRE(router.add(Method::get, "/a/:b/c/:d/e", named("")));
  REQUIRE(router.add(Method::get, "/:a/b/:c/d/:e", named("")));
  std::string path;
  for (int i = 0; i < 4000; ++i) {
    path += "/a";
  }
  CHECK(router.match(Method::get, path).state == RouteMatch::State::none);
}

}  // namespace
}  // namespace seabag::server
