#include <string>
#include <vector>

#include "seabag/http/site_rules.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

using namespace std::string_literals;

HeaderRules parsed(const std::string& text) {
  Result<HeaderRules> rules = HeaderRules::parse(text);
  if (!rules) {
    FAIL(rules.error().message());
  }
  return std::move(rules).value();
}

// `Name: value` and `! Name` lines for a path.
std::string changes(const HeaderRules& rules, const std::vector<std::string>& paths) {
  std::string text;
  for (const HeaderChange& change : rules.changes_for(paths)) {
    text += change.kind == HeaderChange::Kind::remove ? "! " + change.name
                                                      : change.name + ": " + change.value;
    text += "\n";
  }
  return text;
}

TEST_CASE("header rules apply to the paths that match", "[http][headers]") {
  const HeaderRules rules = parsed(
      "\xef\xbb\xbf# a comment\r\n"
      "/*\r\n"
      "  X-All: yes\r\n"
      "\r\n"
      "/docs/*\n"
      "\t# another\n"
      "\tX-Docs: a: b\n"
      "  X-Docs: c\n"
      "/docs/private\n"
      "! X-Docs\n"
      "/none\n");
  CHECK(rules.size() == 4);
  CHECK(changes(rules, {"/"}) == "X-All: yes\n");
  CHECK(changes(rules, {"/docs"}) == "X-All: yes\nX-Docs: a: b\nX-Docs: c\n");
  CHECK(changes(rules, {"/docs/a/b"}) == "X-All: yes\nX-Docs: a: b\nX-Docs: c\n");
  CHECK(changes(rules, {"/docs/private"}) == "X-All: yes\nX-Docs: a: b\nX-Docs: c\n! X-Docs\n");
  CHECK(changes(rules, {"/docsx"}) == "X-All: yes\n");
  CHECK(changes(rules, {"/x", "/docs/y"}) == "X-All: yes\nX-Docs: a: b\nX-Docs: c\n");
  CHECK(changes(rules, {}).empty());
  CHECK(rules.matches("/anything"));
}

TEST_CASE("patterns match as Netlify and Cloudflare Pages do", "[http][headers]") {
  struct Row {
    std::string pattern;
    std::string path;
    bool matches;
  };
  const std::vector<Row> rows = {
      {"/", "/", true},
      {"/", "/a", false},
      {"/a", "/a", true},
      {"/a", "/a/", true},
      {"/a/", "/a", true},
      {"/a", "/A", false},
      {"/a", "/ab", false},
      {"/a", "/a/b", false},
      {"/*", "/", true},
      {"/*", "/a/b/c/", true},
      {"/a/*", "/a", true},
      {"/a/*", "/a/", true},
      {"/a/*", "/ab", false},
      {"/a*", "/a", true},
      {"/a*", "/ab/c", true},
      {"/*.css", "/x/y.css", true},
      {"/*.css", "/.css", true},
      {"/*.css", "/y.css/z", false},
      {"/*.css", "/y.css.css", true},
      {"/*/x", "/a/b/x", true},
      {"/*/x", "/x", false},
      {"/*/x", "/a/x/", true},
      {"/*/", "/a", true},
      {"/:a", "/x", true},
      {"/:a", "/", false},
      {"/:a", "/x/y", false},
      {"/:a/y", "/x/y", true},
      {"/:a/:b", "/x", false},
      {"/:a/:b", "/x/y/", true},
      {"/:a.html", "/x.html", true},
      {"/:a.html", "/x.html.html", true},
      {"/:a.html", "/.html", false},
      {"/:a-:b", "/1-2", true},
      {"/:a-:b", "/1-", false},
      {"/:a-:b-x", "/1-2-3-x", true},
      {"/:a-:b/:c-:d", "/1-2/3-4", true},
      {"/:a-:b/:c-:d", "/1-2/34", false},
      {"/:a/*", "/x/y/z", true},
      {"/:a/*", "/x", true},
      {"/*/:a", "/x/y", true},
      {"/*/:a/end", "/p/q/r/end", true},
      {"/a:1", "/a:1", true},
      {"/a%20b", "/a b", true},
      {"/%2A", "/*", true},
      {"/%2A", "/x", false},
      {"/a%2Fb", "/a%2Fb", true},
      {"/\xc3\xa9", "/\xc3\xa9", true},
      {"/%C3%A9/*", "/\xc3\xa9/x", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.path);
    CHECK(parsed(row.pattern + "\n A: b").matches(row.path) == row.matches);
  }
}

TEST_CASE("captures go into values percent-encoded", "[http][headers]") {
  const HeaderRules rules = parsed(
      "/movies/:title/*\n"
      "  X-Title: \":title\", :splat and :other, 10:30\n");
  CHECK(changes(rules, {"/movies/a b\r\nX: \xff/c/d"}) ==
        "X-Title: \"a%20b%0D%0AX:%20%FF\", c/d and :other, 10:30\n");
}

TEST_CASE("a malformed header rule is named by file, line and column", "[http][headers]") {
  struct Row {
    std::string text;
    std::string place;
    std::string detail;
  };
  const std::vector<Row> rows = {
      {"X-A: b", "_headers:1:1", "a path must come before the first header"},
      {"/a\n  X-A b", "_headers:2:3", "expected 'Name: value', '! Name' or a path"},
      {"/a\n  X A: b", "_headers:2:4", "header name is not a token"},
      {"/a\n  : b", "_headers:2:3", "header name missing"},
      {"/a\n  X-A:", "_headers:2:7", "header value missing"},
      {"/a\n  X-A:   ", "_headers:2:7", "header value missing"},
      {"/a\n  !", "_headers:2:4", "header name missing"},
      {"/a\n  ! X:y", "_headers:2:6", "header name is not a token"},
      {"/a\n  Content-Length: 5", "_headers:2:3", "header 'Content-Length' is the server's own"},
      {"/a\n  transfer-encoding: chunked", "_headers:2:3", "is the server's own"},
      {"/a\n  Date: now", "_headers:2:3", "is the server's own"},
      {"/a\n  CONNECTION: close", "_headers:2:3", "is the server's own"},
      {"/a\n  Content-Encoding: br", "_headers:2:3", "is the server's own"},
      {"/a\n  ETag: x", "_headers:2:3", "is the server's own"},
      {"/a\n  Basic-Auth: u:p", "_headers:2:3", "is the server's own"},
      {"/a\n  ! Date", "_headers:2:5", "is the server's own"},
      {"/a\n  X-A: b\rX-B: c", "_headers:2:9", "control character"},
      {"/a\n  X-A: b\0c"s, "_headers:2:9", "control character"},
      {"/a\n  X-A: \x7f", "_headers:2:8", "control character"},
      {"/a\n  X-\xc3\xa9: b", "_headers:2:5", "header name is not a token"},
      {"/a b\n", "_headers:1:3", "white space in a path"},
      {"/a**\n", "_headers:1:4", "'*' more than once"},
      {"/:a/:a\n", "_headers:1:5", "':a' more than once"},
      {"/:splat/*\n", "_headers:1:9", "'*' more than once"},
      {"/a?b\n", "_headers:1:3", "a path has no query"},
      {"/a#b\n", "_headers:1:3", "a path has no query"},
      {"/a%\n", "_headers:1:3", "'%' without two hexadecimal digits"},
      {"/a%00\n", "_headers:1:3", "'%' without two hexadecimal digits"},
      {"/a//b\n", "_headers:1:1", "'//' in a path"},
      {"https://a.example/*\n", "_headers:1:1", "a rule for one host is not supported"},
      {"# x\n\n  /a\n  X-A: " + std::string(2000, 'x'), "_headers:4:3",
       "line of more than 2000 characters"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<HeaderRules> rules = HeaderRules::parse(row.text);
    REQUIRE_FALSE(rules);
    CHECK(rules.error().is(std::errc::invalid_argument));
    CHECK(rules.error().path == row.place);
    CHECK_THAT(rules.error().detail, Catch::StartsWith(row.detail) || Catch::Contains(row.detail));
  }
}

TEST_CASE("there are at most a hundred header rules", "[http][headers]") {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "/" + std::to_string(i) + "\n X: y\n";
  }
  CHECK(parsed(text).size() == 100);
  const Result<HeaderRules> more = HeaderRules::parse(text + "/x\n", "site/_headers");
  REQUIRE_FALSE(more);
  CHECK(more.error().path == "site/_headers:201:1");
}

TEST_CASE("empty header rules change nothing", "[http][headers]") {
  CHECK(parsed("").size() == 0);
  CHECK(parsed("\n# only\n  # comments").size() == 0);
  CHECK(HeaderRules().changes_for(std::vector<std::string>{"/"}).empty());
  CHECK_FALSE(HeaderRules().matches("/"));
}

}  // namespace
}  // namespace seabag::http
