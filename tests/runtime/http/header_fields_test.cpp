#include "seabag/http/header_fields.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

HeaderRules rules_of(const std::string& text) {
  Result<HeaderRules> rules = HeaderRules::parse(text);
  REQUIRE(rules);
  return std::move(rules).value();
}

std::string fields_of(std::string_view path, const std::string& rules_text) {
  const HeaderRules rules = rules_of(rules_text);
  return render_asset_headers({.path = path,
                               .variants = VariantPresence::has_variants,
                               .rules = &rules,
                               .security = SecurityProfile::none})
      .fields;
}

bool has_line(const std::string& fields, const std::string& line) {
  return ("\r\n" + fields).find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST_CASE("a file has type, nosniff, cache rule and ranges", "[http][fields]") {
  const AssetHeaders headers = render_asset_headers({.path = "/a/index.html"});
  CHECK(headers.fields ==
        "Content-Type: text/html; charset=utf-8\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-cache\r\n"
        "Accept-Ranges: bytes\r\n");
  CHECK(headers.not_modified_fields == "Cache-Control: no-cache\r\n");
}

TEST_CASE("a file with variants varies on Accept-Encoding, also in 304", "[http][fields]") {
  const AssetHeaders headers =
      render_asset_headers({.path = "/app.3f9ab21c.js", .variants = VariantPresence::has_variants});
  CHECK(has_line(headers.fields, "Vary: Accept-Encoding"));
  CHECK(has_line(headers.fields, "Cache-Control: public, max-age=31536000, immutable"));
  CHECK(headers.not_modified_fields ==
        "Cache-Control: public, max-age=31536000, immutable\r\nVary: Accept-Encoding\r\n");
}

TEST_CASE("many files share their header fields", "[http][fields]") {
  CHECK(render_asset_headers({.path = "/a/b.html"}) == render_asset_headers({.path = "/c.html"}));
}

TEST_CASE("rules override defaults and join what rules set", "[http][fields]") {
  CHECK(has_line(fields_of("/a.html", "/*\n cache-control: max-age=60"),
                 "cache-control: max-age=60"));
  CHECK_FALSE(
      has_line(fields_of("/a.html", "/*\n cache-control: max-age=60"), "Cache-Control: no-cache"));
  CHECK(has_line(fields_of("/a.html", "/*\n X: 1\n/a*\n x: 2"), "X: 1, 2"));
  CHECK(has_line(fields_of("/a.html", "/*\n X: 1\n/a*\n ! x\n X: 2"), "X: 2"));
  CHECK(
      has_line(fields_of("/a.html", "/*\n Content-Type: text/plain"), "Content-Type: text/plain"));
  CHECK(fields_of("/a.html", "/*\n ! X-Content-Type-Options").find("nosniff") == std::string::npos);
  const std::string cookies = fields_of("/a.html", "/*\n Set-Cookie: a=1\n Set-Cookie: b=2");
  CHECK(has_line(cookies, "Set-Cookie: a=1"));
  CHECK(has_line(cookies, "Set-Cookie: b=2"));
}

TEST_CASE("Vary of a rule is added to ours", "[http][fields]") {
  CHECK(has_line(fields_of("/a.html", "/*\n Vary: Origin"), "Vary: Accept-Encoding, Origin"));
  CHECK(
      has_line(fields_of("/a.html", "/*\n Vary: x, accept-encoding"), "Vary: x, accept-encoding"));
  CHECK(has_line(fields_of("/a.html", "/*\n Vary: *"), "Vary: *"));
  CHECK(has_line(fields_of("/a.html", "/*\n ! Vary"), "Vary: Accept-Encoding"));
}

TEST_CASE("rules match every URL that serves a file", "[http][fields]") {
  struct Row {
    std::string path;
    std::string pattern;
    bool matches;
  };
  const std::vector<Row> rows = {
      {"/docs/index.html", "/docs/index.html", true},
      {"/docs/index.html", "/docs/", true},
      {"/docs/index.html", "/docs", true},
      {"/docs/index.html", "/docs/*", true},
      {"/docs/index.html", "/docs/index", true},
      {"/docs/index.html", "/", false},
      {"/index.html", "/", true},
      {"/about.html", "/about", true},
      {"/about.html", "/about.html", true},
      {"/about.html", "/about/*", true},
      {"/about.css", "/about", false},
      {"/a/.html", "/a", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.pattern);
    CHECK(has_line(fields_of(row.path, row.pattern + "\n X: y"), "X: y") == row.matches);
  }
}

TEST_CASE("security profiles add their fields, which rules override", "[http][fields]") {
  const auto fields = [](SecurityProfile profile) {
    return render_asset_headers({.path = "/a.html", .security = profile}).fields;
  };
  CHECK(fields(SecurityProfile::none).find("Referrer-Policy") == std::string::npos);
  CHECK(has_line(fields(SecurityProfile::basic), "X-Frame-Options: SAMEORIGIN"));
  CHECK(fields(SecurityProfile::basic).find("Content-Security-Policy") == std::string::npos);
  CHECK(fields(SecurityProfile::strict).find("Content-Security-Policy: default-src 'self'") !=
        std::string::npos);
  const HeaderRules rules = rules_of("/*\n X-Frame-Options: DENY");
  const AssetHeaders overridden = render_asset_headers(
      {.path = "/a.html", .rules = &rules, .security = SecurityProfile::basic});
  CHECK(has_line(overridden.fields, "X-Frame-Options: DENY"));
  CHECK_FALSE(has_line(overridden.fields, "X-Frame-Options: SAMEORIGIN"));
}

TEST_CASE("304 carries what RFC 9110 asks for and no more", "[http][fields]") {
  const HeaderRules rules =
      rules_of("/*\n Expires: 0\n Content-Location: /x\n X: y\n Set-Cookie: a=b");
  CHECK(render_asset_headers({.path = "/a.html", .rules = &rules}).not_modified_fields ==
        "Cache-Control: no-cache\r\nExpires: 0\r\nContent-Location: /x\r\n");
}

TEST_CASE("names with a content hash are told from others", "[http][fields]") {
  for (const char* path : {"/app.3f9ab21c.js", "/index-B1x9ZkQ2.css", "/assets/index-4sK2jQ8d.js",
                           "/chunk-5OXR7AIZ.js", "/main.3f9ab21c.chunk.js", "/app.3f9ab21c.js.map",
                           "/vendors-d41d8cd98f00b204e9800998ecf8427e.css", "/font.9f86d081.woff2",
                           "/app.9f86d081884c7d659a2f.min.js", "/_next/x-0a1b2c3d4e5f6071.js"}) {
    CAPTURE(path);
    CHECK(has_content_hash(path));
  }
  for (const char* path : {"/app.js",
                           "/index.html",
                           "/jquery-3.6.0.min.js",
                           "/jquery-20240131.js",
                           "/bootstrap.min.js",
                           "/photo-IMG20240131.jpg",
                           "/my-component.js",
                           "/app-deadbeef.js",
                           "/report-Q1Final2.pdf",
                           "/app.20240131.js",
                           "/app.production.js",
                           "/react-development.js",
                           "/style-README22.css",
                           "/page-3f9ab21c.html",
                           "/dir_d41d8cd98f00b204e9800998ecf8427e.js",
                           "/a-MyWidget.js",
                           "/Inter-ExtraBoldItalic.otf",
                           "/clang-FindBinUtils.js",
                           "/x-Utf8ToUtf16.js",
                           "/x-BinOpAdd.js",
                           "/3f9ab21cdeadbeef.js",
                           "/-3f9ab21c.js",
                           "/app-3f9ab21c",
                           "/.3f9ab21c.js/x.js",
                           "/app-3f9ab21.js",
                           "/lib.so.1.2.3",
                           "/x-facade12.js",
                           "/font-awesome.css",
                           "/.js",
                           "/"}) {
    CAPTURE(path);
    CHECK_FALSE(has_content_hash(path));
  }
}

}  // namespace
}  // namespace seabag::http
