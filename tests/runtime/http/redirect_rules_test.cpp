#include <string>
#include <vector>

#include "seabag/http/site_rules.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

RedirectRules parsed(const std::string& text) {
  Result<RedirectRules> rules = RedirectRules::parse(text);
  if (!rules) {
    FAIL(rules.error().message());
  }
  return std::move(rules).value();
}

// `STATUS TARGET` with `!` when forced; empty when no rule matches.
std::string found(const RedirectRules& rules, std::string_view path, std::string_view query = "") {
  for (const RuleKind kind : {RuleKind::forced, RuleKind::unforced}) {
    if (const auto redirect = rules.find(path, query, kind)) {
      return std::to_string(static_cast<int>(redirect->status)) + (redirect->forced ? "! " : " ") +
             redirect->target;
    }
  }
  return "";
}

TEST_CASE("redirect rules have the forms that sites use", "[http][redirects]") {
  const RedirectRules rules = parsed(
      "# a comment\n"
      "/home              /\n"
      "/old.php           /new   302   # why\n"
      "/search            https://search.example/find\n"
      "/news/*            /blog/:splat   308\r\n"
      "/p/:y/:m/:d/:slug  /blog/:y-:m-:d/:slug  307\n"
      "/store  id=:id     /item/:id  303\n"
      "/store  all=yes    /items\n"
      "/a%20b             /c%20d\n"
      "/section           /page#part\n"
      "/app/*             /app/index.html  200\n"
      "/gone/*            /gone.html  404\n"
      "/force             /elsewhere  301!\n");
  struct Row {
    std::string path;
    std::string query;
    std::string result;
  };
  const std::vector<Row> rows = {
      {"/home", "", "301 /"},
      {"/home/", "?a=b", "301 /?a=b"},
      {"/home", "/evil.example", "301 /?/evil.example"},
      {"/homes", "", ""},
      {"/old.php", "?id=1&x=%20", "302 /new?id=1&x=%20"},
      {"/search", "?q=\xc3\xa9", "301 https://search.example/find?q=%C3%A9"},
      {"/news", "", "308 /blog/"},
      {"/news/", "", "308 /blog/"},
      {"/news/a/b", "", "308 /blog/a/b"},
      {"/news/a/", "", "308 /blog/a/"},
      {"/news/a b?\r\n", "", "308 /blog/a%20b%3F%0D%0A"},
      {"/p/2020/01/02/x", "", "307 /blog/2020-01-02/x"},
      {"/p/2020/01/02/x/y", "", ""},
      {"/store", "", ""},
      {"/store", "?id=5", "303 /item/5"},
      {"/store", "?x=y&id=5&z", "303 /item/5"},
      {"/store", "?id=", "303 /item/"},
      {"/store", "?idx=5", ""},
      {"/store", "?id=a%2Fb+c%0D%0A", "303 /item/a%2Fb%20c%0D%0A"},
      {"/store", "?all=yes", "301 /items"},
      {"/store", "?all=no", ""},
      {"/a b", "", "301 /c%20d"},
      {"/section", "?x", "301 /page?x#part"},
      {"/app/deep/link", "?x=y", "200 /app/index.html"},
      {"/app", "", "200 /app/index.html"},
      {"/gone/x", "", "404 /gone.html"},
      {"/force", "", "301! /elsewhere"},
      {"/", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.query);
    CHECK(found(rules, row.path, row.query) == row.result);
  }
  CHECK(rules.size() == 12);
  CHECK(rules.has(RuleKind::forced));
  CHECK(rules.has(RuleKind::unforced));
}

TEST_CASE("the first rule that matches counts", "[http][redirects]") {
  const RedirectRules rules = parsed(
      "/a/b  /static-before\n"
      "/a/*  /dynamic/:splat\n"
      "/a/c  /static-behind\n"
      "/d    x=1 /with\n"
      "/d    /without\n"
      "/d    /never\n"
      "/a/b  /forced-behind 302!\n");
  CHECK(rules.find("/a/b", "", RuleKind::unforced)->target == "/static-before");
  CHECK(rules.find("/a/b", "", RuleKind::forced)->target == "/forced-behind");
  CHECK(found(rules, "/a/c") == "301 /dynamic/c");
  CHECK(found(rules, "/d", "?x=1") == "301 /with");
  CHECK(found(rules, "/d") == "301 /without");
}

TEST_CASE("a redirect never leads to where the request is", "[http][redirects]") {
  const RedirectRules rules = parsed(
      "/foo   /foo/\n"
      "/bar/  /bar\n"
      "/*     /:splat\n"
      "/end   /other\n");
  CHECK(found(rules, "/foo") == "301 /foo/");
  CHECK(found(rules, "/foo/").empty());
  CHECK(found(rules, "/bar/") == "301 /bar");
  CHECK(found(rules, "/bar").empty());
  CHECK(found(rules, "/end") == "301 /other");
}

TEST_CASE("captures can't lead to another host", "[http][redirects]") {
  CHECK(found(parsed("/x* /:splat"), "/x/evil.example") == "301 /evil.example");
  CHECK(found(parsed("/x* /:splat"), "/x//evil.example") == "301 /evil.example");
  CHECK(found(parsed("/q to=:to /:to"), "/q", "?to=/evil.example") == "301 /%2Fevil.example");
  CHECK(found(parsed("/q to=:to /:to"), "/q", "?to=%5Cevil.example") == "301 /%5Cevil.example");
}

TEST_CASE("a rewrite to no valid path does not match", "[http][redirects]") {
  const RedirectRules rules = parsed("/v v=:v /files/:v 200\n");
  CHECK(found(rules, "/v", "?v=a") == "200 /files/a");
  CHECK(found(rules, "/v", "?v=..").empty());
  CHECK(found(rules, "/v", "?v=%00").empty());
  CHECK(found(rules, "/v", "?v=..%2Fa") == "200 /files/..%2Fa");
}

TEST_CASE("a malformed redirect is named by file, line and column", "[http][redirects]") {
  struct Row {
    std::string text;
    std::string place;
    std::string detail;
  };
  const std::vector<Row> rows = {
      {"/a", "_redirects:1:1", "target missing"},
      {"/a # /b", "_redirects:1:1", "target missing"},
      {"\n a /b", "_redirects:2:2", "a path must start with '/'"},
      {"/a b", "_redirects:1:4", "expected a target, or KEY=VALUE"},
      {"/a =b /c", "_redirects:1:4", "expected a target, or KEY=VALUE"},
      {"/a 301", "_redirects:1:4", "expected a target, or KEY=VALUE"},
      {"/a x=1", "_redirects:1:4", "target missing"},
      {"/a ftp://b", "_redirects:1:4", "expected a target"},
      {"/a /b 999", "_redirects:1:7", "expected a status of"},
      {"/a /b 201", "_redirects:1:7", "expected a status of"},
      {"/a /b 301!!", "_redirects:1:7", "expected a status of"},
      {"/a /b !", "_redirects:1:7", "expected a status of"},
      {"/a /b Country=us", "_redirects:1:7", "expected a status of"},
      {"/a /b 302 Country=us", "_redirects:1:11", "unexpected word: conditions on country"},
      {"/a https://b.example/ 200", "_redirects:1:4", "200 and 404 need a path of this site"},
      {"/a //b.example/ 404", "_redirects:1:4", "200 and 404 need a path of this site"},
      {"/a https://", "_redirects:1:12", "a target needs a host"},
      {"/:a https://:a.example/", "_redirects:1:13", "a target needs a host"},
      {"/x* https://b.example:splat", "_redirects:1:13", "a target needs a host"},
      {"/a /\xc3\xa9", "_redirects:1:5", "a target must be percent-encoded"},
      {"/a /b\\c", "_redirects:1:6", "a target must be percent-encoded"},
      {"http://a.example/* /b", "_redirects:1:1", "a rule for one host is not supported"},
      {"/a*b* /c", "_redirects:1:5", "'*' more than once"},
      {"/:a a=:a /c", "_redirects:1:7", "':a' more than once"},
      {"/a\x01 /b", "_redirects:1:3", "control character"},
      {"/a /" + std::string(2000, 'b'), "_redirects:1:1", "line of more than 2000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<RedirectRules> rules = RedirectRules::parse(row.text);
    REQUIRE_FALSE(rules);
    CHECK(rules.error().is(std::errc::invalid_argument));
    CHECK(rules.error().path == row.place);
    CHECK_THAT(rules.error().detail, Catch::StartsWith(row.detail));
  }
}

TEST_CASE("redirects are limited in number", "[http][redirects]") {
  std::string fixed;
  for (int i = 0; i < 2000; ++i) {
    fixed += "/" + std::to_string(i) + " /x/" + std::to_string(i) + "\n";
  }
  std::string dynamic;
  for (int i = 0; i < 100; ++i) {
    dynamic += "/d" + std::to_string(i) + "/* /y/" + std::to_string(i) + "\n";
  }
  const RedirectRules rules = parsed(fixed + dynamic);
  CHECK(rules.size() == 2100);
  CHECK(found(rules, "/1234") == "301 /x/1234");
  CHECK(found(rules, "/d99/z") == "301 /y/99");
  CHECK(found(rules, "/2000").empty());
  CHECK_FALSE(RedirectRules::parse(fixed + "/more /x\n"));
  CHECK_FALSE(RedirectRules::parse(dynamic + "/:more /x\n"));
}

TEST_CASE("without rules nothing is found", "[http][redirects]") {
  CHECK(found(RedirectRules(), "/").empty());
  CHECK(found(parsed("# none\n"), "/").empty());
  CHECK_FALSE(parsed("").has(RuleKind::unforced));
}

}  // namespace
}  // namespace seabag::http
